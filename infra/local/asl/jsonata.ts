import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { STATES, StatesError } from './states-error.ts';

/** What an expression may read beside its variables; injected so that tests are reproducible. */
export interface Surroundings {
  now(): number;
  random(): number;
  uuid(): string;
}

/** Evaluates `{% … %}` strings, and JSON that holds some, as Step Functions does. */
export interface Evaluator {
  /** Throws StatesError `States.QueryEvaluationError` naming the expression. */
  evaluate(template: unknown, bindings: Readonly<Record<string, unknown>>): Promise<unknown>;
}

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** The text inside `{% … %}`; undefined for a literal. */
export const expressionOf = (text: string): string | undefined => EXPRESSION.exec(text)?.[1];

/** Compiled expressions are kept: a machine has few, and evaluates them often. */
export const createEvaluator = (surroundings: Surroundings): Evaluator => {
  const compiled = new Map<string, jsonata.Expression>();
  const compile = (text: string): jsonata.Expression => {
    const known = compiled.get(text);
    if (known !== undefined) return known;
    const expression = jsonata(text);
    registerFunctions(expression, surroundings);
    compiled.set(text, expression);
    return expression;
  };
  const evaluateText = async (
    text: string,
    bindings: Readonly<Record<string, unknown>>,
  ): Promise<unknown> => {
    let result: unknown;
    try {
      result = await compile(text).evaluate(undefined, { ...bindings });
    } catch (error) {
      throw refused(text, `threw an error: ${messageOf(error)}`);
    }
    if (result === undefined) throw refused(text, 'returned nothing (undefined)');
    if (holdsFunction(result)) throw refused(text, 'returned a function, or a value that holds one');
    return JSON.parse(JSON.stringify(result));
  };
  const evaluate: Evaluator['evaluate'] = async (template, bindings) => {
    if (typeof template === 'string') {
      const text = expressionOf(template);
      return text === undefined ? template : await evaluateText(text, bindings);
    }
    if (Array.isArray(template)) return await Promise.all(template.map((value) => evaluate(value, bindings)));
    if (typeof template !== 'object' || template === null) return template;
    const entries = Object.entries(template).map(async ([key, value]) => [
      key,
      await evaluate(value, bindings),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  };
  return { evaluate };
};

const refused = (text: string, why: string): StatesError =>
  new StatesError(STATES.query, `the JSONata expression '${text.trim()}' ${why}`);

/** Functions and regular expressions are values to JSONata only; it marks those of its own by a key, which JSON would keep. */
const holdsFunction = (value: unknown): boolean => {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) return true;
  return Object.values(value).some(holdsFunction);
};

/** What is wrong with an expression, in words. */
export const messageOf = (error: unknown): string =>
  error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)
    ? String(error.message)
    : String(error);

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Functions that Step Functions has and JSONata has not: docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
export const STEP_FUNCTIONS_FUNCTIONS: readonly string[] = [
  'partition',
  'range',
  'hash',
  'random',
  'uuid',
  'parse',
];

/** What JSONata has and Step Functions does not: $parse stands for it there. */
export const WITHHELD_FUNCTIONS: readonly string[] = ['eval'];

type Implementation = Parameters<jsonata.Expression['registerFunction']>[1];

/** What Step Functions adds to JSONata, and what of it must not read the real clock or dice. */
const registerFunctions = (expression: jsonata.Expression, { now, random, uuid }: Surroundings): void => {
  const add = (name: string, implementation: Implementation, signature?: string): void =>
    expression.registerFunction(name, implementation, signature);
  add('partition', partition, '<an:a>');
  add('range', range, '<nnn:a>');
  add('hash', hash, '<s-s:s>');
  add('uuid', uuid, '<:s>');
  add('parse', (text: string) => JSON.parse(text) as unknown, '<s:x>');
  add('random', (seed?: number) => (seed === undefined ? random() : mulberry32(seed)()), '<n?:n>');
  add('millis', now, '<:n>');
  const fromMillis = jsonata('$fromMillis($at, $picture, $zone)');
  add(
    'now',
    (picture?: string, zone?: string) => fromMillis.evaluate(undefined, { at: now(), picture, zone }),
    '<s?s?:s>',
  );
};

const partition = (array: unknown[], size: number): unknown[][] => {
  if (!Number.isInteger(size) || size < 1)
    throw new Error(`$partition: the size ${size} is not a positive integer`);
  return Array.from({ length: Math.ceil(array.length / size) }, (_, i) =>
    array.slice(i * size, (i + 1) * size),
  );
};

const range = (first: number, last: number, step: number): number[] => {
  if (step === 0) throw new Error('$range: the step is 0');
  const count = Math.floor((last - first) / step) + 1;
  if (count > 1_000_000) throw new Error(`$range: ${count} numbers, at most 1,000,000`);
  return Array.from({ length: Math.max(0, count) }, (_, i) => first + i * step);
};

const hash = (text: string, algorithm: string): string => {
  const name = HASHES[algorithm];
  if (name === undefined) throw new Error(`$hash: ${algorithm} is none of ${Object.keys(HASHES).join(', ')}`);
  return createHash(name).update(text).digest('hex');
};

/** A small seeded generator (mulberry32): the same seed, the same numbers. */
export const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
