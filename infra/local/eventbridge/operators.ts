import { compileCidr } from './cidr.ts';
import { checkNumber, compileNumeric } from './numeric.ts';
import { refused } from './refusal.ts';

/**
 * What stands in the arrays of an event pattern (docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
 * Numbers are compared as JavaScript reads them: EventBridge tells 300 from 300.0 in exact matches, JSON.parse cannot.
 */
export type Matcher = (value: unknown) => boolean;

type Scalar = string | number | boolean | null;

/** Reads the alternatives of one field. The matcher gets the field's value, undefined where the event lacks it. Throws InvalidInput. */
export const compileLeaf = (alternatives: readonly unknown[], path: string): Matcher => {
  if (alternatives.length === 0) throw refused(path, 'has an empty array of values');
  const ofValue: Matcher[] = [];
  const ofPresence: Matcher[] = [];
  for (const one of alternatives) {
    const [operator, operand] = operatorOf(one, path);
    if (operator === 'exists') ofPresence.push(compileExists(operand, path));
    else ofValue.push(compileOperator(operator, operand, path));
  }
  return (value) => {
    const leaves = leavesOf(value);
    return (
      leaves.some((leaf) => ofValue.some((matches) => matches(leaf))) ||
      ofPresence.some((matches) => matches(leaves.length > 0))
    );
  };
};

// An object is no leaf, and an empty array has none: `exists` works on leaf nodes only.
const leavesOf = (value: unknown): Scalar[] => {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isScalar(value) ? [value] : [];
};

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** A value stands for `equals`; an object holds one operator and its operand. */
const operatorOf = (one: unknown, path: string): [operator: string, operand: unknown] => {
  if (isScalar(one)) return ['equals', one];
  const entries = typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.entries(one) : [];
  const [entry, ...more] = entries;
  if (entry !== undefined && more.length === 0 && entry[0] !== 'equals') return entry;
  throw refused(path, `has ${JSON.stringify(one)}, a value or an object with one operator is allowed`);
};

const compileExists = (operand: unknown, path: string): Matcher => {
  if (typeof operand !== 'boolean')
    throw refused(path, `has exists ${JSON.stringify(operand)}, true or false is allowed`);
  return (isPresent) => isPresent === operand;
};

const compileOperator = (operator: string, operand: unknown, path: string): Matcher => {
  switch (operator) {
    case 'equals':
      return (value) => value === operand;
    case 'prefix':
    case 'suffix':
      return compileAffix(operator, operand, path);
    case 'equals-ignore-case': {
      const text = textOf(operator, operand, path).toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase() === text;
    }
    case 'wildcard': {
      const shape = wildcardShape(textOf(operator, operand, path), path);
      return (value) => typeof value === 'string' && shape.test(value);
    }
    case 'cidr':
      return compileCidr(operand, path);
    case 'numeric':
      return compileNumeric(operand, path);
    case 'anything-but':
      return compileAnythingBut(operand, path);
    default:
      throw refused(path, `has the operator ${JSON.stringify(operator)}, which is not supported`);
  }
};

const textOf = (operator: string, operand: unknown, path: string): string => {
  if (typeof operand === 'string') return operand;
  throw refused(path, `has ${operator} ${JSON.stringify(operand)}, a string is allowed`);
};

const compileAffix = (operator: 'prefix' | 'suffix', operand: unknown, path: string): Matcher => {
  const has = (value: string, affix: string): boolean =>
    operator === 'prefix' ? value.startsWith(affix) : value.endsWith(affix);
  if (typeof operand === 'object') {
    const [inner, text] = operatorOf(operand, path);
    if (inner !== 'equals-ignore-case') throw refused(path, `has ${operator} with ${JSON.stringify(inner)}`);
    const affix = textOf(inner, text, path).toLowerCase();
    return (value) => typeof value === 'string' && has(value.toLowerCase(), affix);
  }
  const affix = textOf(operator, operand, path);
  return (value) => typeof value === 'string' && has(value, affix);
};

/** `*` stands for any number of characters; `\*` and `\\` for themselves; two stars in a row are refused, as EventBridge does. */
const wildcardShape = (text: string, path: string): RegExp => {
  let shape = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (c === '\\') {
      i++;
      const escaped = text[i];
      if (escaped !== '*' && escaped !== '\\')
        throw refused(path, `has wildcard ${JSON.stringify(text)} with a lone \\`);
      shape += `\\${escaped}`;
    } else if (c === '*') {
      if (text[i + 1] === '*') throw refused(path, `has wildcard ${JSON.stringify(text)} with ** in it`);
      shape += '.*';
    } else shape += c.replace(/[.+?^${}()|[\]]/, '\\$&');
  }
  return new RegExp(`^${shape}$`, 's');
};

const AFFIXES = ['prefix', 'suffix'];
const EXCLUDING = [...AFFIXES, 'wildcard', 'equals-ignore-case'];

/** The complement of values, or of one text operator with one or several texts; an absent field never fits. */
const compileAnythingBut = (operand: unknown, path: string): Matcher => {
  const isNested = typeof operand === 'object' && operand !== null && !Array.isArray(operand);
  const [operator, excluded] = isNested ? operatorOf(operand, path) : ['equals', operand];
  if (isNested && !EXCLUDING.includes(operator))
    throw refused(path, `has anything-but with ${JSON.stringify(operator)}`);
  const list: readonly unknown[] = Array.isArray(excluded) ? excluded : [excluded];
  const isText = list.every((one) => typeof one === 'string');
  const isNumbers = !isNested && list.every((one) => typeof one === 'number');
  if (list.length === 0 || !(isText || isNumbers)) {
    throw refused(
      path,
      `has anything-but ${JSON.stringify(operand)}, allowed strings or numbers, not both in one list`,
    );
  }
  if (AFFIXES.includes(operator) && list.some((one) => one === ''))
    throw refused(path, `has anything-but with an empty ${operator}`);
  for (const one of list) if (typeof one === 'number') checkNumber(one, path);
  const matchers = list.map((one) => compileOperator(operator, one, path));
  return (value) => !matchers.some((matches) => matches(value));
};
