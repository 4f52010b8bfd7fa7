import type { z } from 'zod';
import { exampleOf } from './examples.ts';
import type { KeyPath, Problem, YamlSource } from './yaml-source.ts';

/** A schema's issues as problems with a place: what, value got, value allowed. */

type Issue = z.core.$ZodIssue;

/** A path as people write it. */
export const printKeyPath = (path: KeyPath): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

const valueAt = (value: unknown, path: KeyPath): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    return Object.getOwnPropertyDescriptor(inner, key)?.value;
  }, value);

const LONGEST_SHOWN = 60;

const show = (value: unknown): string => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
};

const sizeAllowed = (issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string => {
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  if (issue.origin === 'string') return 'text that is not empty';
  const side = issue.exact === true ? 'exactly' : issue.code === 'too_small' ? 'at least' : 'at most';
  return issue.origin === 'array' ? `${side} ${bound} items` : `${side} ${bound}`;
};

/** What would have been right; for most forms the schema says it itself. */
const allowed = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' ');
    case 'too_small':
    case 'too_big':
      return sizeAllowed(issue);
    case 'invalid_union':
      if (issue.errors.length === 0) return issue.message;
      return [...new Set(issue.errors.flatMap((branch) => tellingIssues(branch).map(allowed)))].join(' or ');
    default:
      return issue.message;
  }
};

/** Of a union's branch: what its type is says all, where the value is not of it; a size would be of another type's. */
const tellingIssues = (branch: readonly Issue[]): readonly Issue[] => {
  const ofType = branch.find((issue) => issue.path.length === 0 && isTypeIssue(issue));
  return ofType === undefined ? branch : [ofType];
};

const keyPathOf = (path: readonly PropertyKey[]): KeyPath =>
  path.map((key) => (typeof key === 'symbol' ? String(key) : key));

/** Of a union, the issues of the branch that the value was meant for: of those whose type it has, the one with the least to mend. */
const meantBranch = (issue: Issue): readonly Issue[] | undefined =>
  issue.code === 'invalid_union'
    ? issue.errors
        .filter((branch) => branch.every((inner) => inner.path.length > 0 || !isTypeIssue(inner)))
        .toSorted((a, b) => faultsOf(a) - faultsOf(b))[0]
    : undefined;

const faultsOf = (branch: readonly Issue[]): number =>
  branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);

const isTypeIssue = (issue: Issue): boolean =>
  issue.code === 'invalid_type' || issue.code === 'invalid_value';

const flatten = (issue: Issue, above: KeyPath): readonly (readonly [KeyPath, Issue])[] => {
  const path = [...above, ...keyPathOf(issue.path)];
  return meantBranch(issue)?.flatMap((inner) => flatten(inner, path)) ?? [[path, issue]];
};

/** A map or a list is shown as it is written: its name alone says nothing of the form. */
const withExample = (right: string, path: KeyPath): string => {
  const example = /\ba (map|list)$/.test(right) ? exampleOf(path) : undefined;
  return example === undefined ? right : `${right}, as in ${example}`;
};

const toProblems = (source: YamlSource, path: KeyPath, issue: Issue): readonly Problem[] => {
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => {
      const inner = [...path, key];
      return source.problem(inner, `${printKeyPath(inner)}: ${messages[index] ?? 'unknown key'}`, 'key');
    });
  }
  const name = path.length === 0 ? 'the file' : printKeyPath(path);
  if (issue.code === 'invalid_key') {
    const right = issue.issues.map((inner) => inner.message).join(', ');
    return [source.problem(path, `${name}: got the key '${path.at(-1)}', allowed ${right}`, 'key')];
  }
  const value = valueAt(source.value, path);
  const right = withExample(allowed(issue), path);
  if (value === undefined) return [source.problem(path, `${name}: is missing, allowed ${right}`, 'key')];
  return [source.problem(path, `${name}: got ${show(value)}, allowed ${right}`)];
};

/** All problems that a schema found in a file. */
export const problemsOf = (source: YamlSource, error: z.ZodError): readonly Problem[] =>
  error.issues.flatMap((issue) =>
    flatten(issue, []).flatMap(([path, inner]) => toProblems(source, path, inner)),
  );

/** Where a schema's issues lie: what of a file has to be left aside to read the rest. */
export const pathsOf = (error: z.ZodError): readonly KeyPath[] =>
  error.issues.flatMap((issue) =>
    flatten(issue, []).flatMap(([path, inner]) =>
      inner.code === 'unrecognized_keys' ? inner.keys.map((key) => [...path, key]) : [path],
    ),
  );
