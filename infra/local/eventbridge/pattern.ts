import { InvalidInput } from '../../../shared/errors.ts';
import { compileLeaf, type Matcher } from './operators.ts';
import { refused } from './refusal.ts';

/** EventBridge event patterns (docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html). */

/** Characters of a rule's pattern (docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html). */
const MAX_PATTERN_CHARACTERS = 2048;

/**
 * Reads a pattern into a function over events. Fields that the pattern does not name are ignored; an array in an event
 * matches when one of its elements does. Throws InvalidInput, by name, for an operator that EventBridge does not have or
 * this matcher lacks.
 */
export const compilePattern = (pattern: unknown): ((event: unknown) => boolean) => {
  const length = JSON.stringify(pattern)?.length ?? 0;
  if (length > MAX_PATTERN_CHARACTERS) {
    throw new InvalidInput(
      `event pattern of ${length} characters, at most ${MAX_PATTERN_CHARACTERS} allowed`,
    );
  }
  return compileObject(pattern, '$');
};

/** Whether an event fits a pattern. Throws InvalidInput, as compilePattern does. */
export const matchesPattern = (pattern: unknown, event: unknown): boolean => compilePattern(pattern)(event);

const compileObject = (pattern: unknown, path: string): Matcher => {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw refused(path, `is ${JSON.stringify(pattern)}, an object with fields is allowed`);
  }
  const fields = Object.entries(pattern).map(([name, value]) =>
    name === '$or' ? compileOr(value, path) : compileField(name, value, `${path}.${name}`),
  );
  return (event) => fields.every((matches) => matches(event));
};

// One field fits in one element of an array of objects, so that all fields of a nested pattern speak of the same element
// (github.com/aws/event-ruler, "array-consistent matching").
const compileField = (name: string, value: unknown, path: string): Matcher => {
  if (Array.isArray(value)) {
    const matches = compileLeaf(value, path);
    return (event) => matches(fieldOf(event, name));
  }
  const matches = compileObject(value, path);
  return (event) => {
    const field = fieldOf(event, name);
    return Array.isArray(field) ? field.flat(Number.POSITIVE_INFINITY).some(matches) : matches(field);
  };
};

/** Names that no field inside $or may have (github.com/aws/event-ruler, Constants.java). */
const RESERVED_IN_OR: readonly string[] = [
  ...[
    'exactly',
    'equals-ignore-case',
    'prefix',
    'suffix',
    'anything-but',
    'exists',
    'wildcard',
    'numeric',
    'cidr',
  ],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
];

const compileOr = (value: unknown, path: string): Matcher => {
  if (!Array.isArray(value) || value.length < 2)
    throw refused(`${path}.$or`, 'is not a list of two or more patterns');
  const alternatives = value.map((one, i) => {
    checkNames(one, `${path}.$or[${i}]`);
    return compileObject(one, `${path}.$or[${i}]`);
  });
  return (event) => alternatives.some((matches) => matches(event));
};

/** Of an alternative and the objects in it; what an alternative within it holds is checked as that one's. */
const checkNames = (pattern: unknown, path: string): void => {
  if (!isObject(pattern)) return;
  for (const [name, value] of Object.entries(pattern)) {
    if (RESERVED_IN_OR.includes(name))
      throw refused(`${path}.${name}`, 'has a name that is reserved inside $or');
    checkNames(value, `${path}.${name}`);
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (event: unknown, name: string): unknown =>
  isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
