import { parseArgs } from 'node:util';
import { nearest } from '../../shared/model/nearest.ts';
import { UsageError } from './command-io.ts';
import { LATER_VERBS, VERBS, type VerbName } from './verbs/registry.ts';
import type { OptionSpec, Verb, VerbArguments } from './verbs/verb.ts';

/** One command line, checked. */
export type CommandLine =
  | { readonly kind: 'help'; readonly verb?: VerbName }
  | { readonly kind: 'version' }
  | ({ readonly kind: 'verb'; readonly verb: VerbName } & VerbArguments);

/** Reads a command line. Throws UsageError that names the nearest right word. */
export const parseCommandLine = (argv: readonly string[]): CommandLine => {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    const [of] = rest;
    return of === undefined ? { kind: 'help' } : { kind: 'help', verb: toVerb(of) };
  }
  if (verb === '--version') return { kind: 'version' };
  const name = toVerb(verb);
  if (rest.includes('--help') || rest.includes('-h')) return { kind: 'help', verb: name };
  return { kind: 'verb', verb: name, ...parseVerbArguments(name, VERBS[name], rest) };
};

const isVerb = (word: string): word is VerbName => Object.hasOwn(VERBS, word);

const toVerb = (word: string): VerbName => {
  if (isVerb(word)) return word;
  const known = Object.keys(VERBS);
  if (LATER_VERBS.includes(word)) {
    throw new UsageError(`${word} is not built yet; there are ${known.join(', ')}`);
  }
  throw new UsageError(`unknown verb ${word}${didYouMean(word, known)}; there are ${known.join(', ')}`);
};

const didYouMean = (word: string, known: readonly string[]): string => {
  const near = nearest(word, known);
  return near === undefined ? '' : `, did you mean ${near}?`;
};

const parseVerbArguments = (verb: VerbName, spec: Verb, args: readonly string[]): VerbArguments => {
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  const operands: string[] = [];
  for (const token of readTokens(spec, args)) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const option = spec.options[token.name];
    if (option === undefined) throw unknownOption(verb, spec, token.rawName);
    if (option.value === undefined) flags.add(checkFlag(token.name, token.value));
    else values.set(token.name, addValue(token.name, option, values.get(token.name), token.value));
  }
  for (const [name, option] of Object.entries(spec.options)) {
    if (option.default !== undefined && !values.has(name)) values.set(name, [option.default]);
  }
  checkOperands(verb, spec, operands);
  return { operands, values, flags };
};

const readTokens = (spec: Verb, args: readonly string[]) => {
  const entries = Object.entries(spec.options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  const options = Object.fromEntries(entries);
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
};

const unknownOption = (verb: string, spec: Verb, raw: string): UsageError => {
  const known = Object.keys(spec.options).map((name) => `--${name}`);
  return new UsageError(
    `${verb} has no option ${raw}${didYouMean(raw, known)}; there are ${known.join(' ') || 'none'}`,
  );
};

const checkFlag = (name: string, value: string | undefined): string => {
  if (value !== undefined) throw new UsageError(`--${name} takes no value, got ${JSON.stringify(value)}`);
  return name;
};

const addValue = (
  name: string,
  option: OptionSpec,
  before: string[] | undefined,
  value: string | undefined,
): string[] => {
  if (value === undefined || value === '') throw new UsageError(`--${name} needs a value, ${option.value}`);
  if (before !== undefined && option.isRepeated !== true) throw new UsageError(`--${name} is given twice`);
  return [...(before ?? []), value];
};

const checkOperands = (verb: string, { operands: wanted }: Verb, operands: readonly string[]): void => {
  const { usage, min, max } = wanted ?? { usage: 'no arguments', min: 0, max: 0 };
  if (operands.length >= min && operands.length <= max) return;
  const got = operands.length === 0 ? 'none' : operands.map((operand) => JSON.stringify(operand)).join(' ');
  const finds = FINDS.flatMap(([word, how]) => (word.test(usage) ? [how] : []));
  const next = [...finds, `npx millrace ${verb} --help has examples`].join('; ');
  throw new UsageError(`${verb} takes ${usage}, got ${got}; ${next}`);
};

/** Where to find what an operand names. */
const FINDS: readonly (readonly [RegExp, string])[] = [
  [/\bFEED\b(?!\.)/, 'npx millrace status names the feeds'],
  [/\bBATCH\b/, 'npx millrace runs FEED names the batches of a feed'],
];
