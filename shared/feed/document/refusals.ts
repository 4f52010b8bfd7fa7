import { printKeyPath } from './problems.ts';
import type { KeyPath, Problem, YamlSource } from './yaml-source.ts';

/** What the format has and Millrace does not do yet: each is refused by its name. */

/** A path, `*` for any key, and the values refused there; without values every one is. */
type Refusal = readonly [path: string, values?: readonly unknown[]];

const FEED: readonly Refusal[] = [['paused', [true]]];

interface Found {
  readonly path: KeyPath;
  readonly value: unknown;
}

/** Everything that a pattern leads to; a list has no keys. */
const findAll = (value: unknown, pattern: readonly string[], path: KeyPath): readonly Found[] => {
  const [key, ...rest] = pattern;
  if (key === undefined) return [{ path, value }];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .filter(([name]) => key === '*' || key === name)
    .flatMap(([name, inner]) => findAll(inner, rest, [...path, name]));
};

/** What is asked for and not built, each with its place in the document. */
interface Refused {
  readonly path: KeyPath;
  readonly problem: Problem;
}

const refuse = (source: YamlSource, refusals: readonly Refusal[]): readonly Refused[] =>
  refusals.flatMap(([pattern, values]) =>
    findAll(source.value, pattern.split('.'), [])
      .filter(({ value }) => values === undefined || values.includes(value))
      .map(({ path, value }) => {
        const what = values === undefined ? printKeyPath(path) : `${printKeyPath(path)}: ${String(value)}`;
        return { path, problem: source.problem(path, `${what} is not supported yet`, 'key') };
      }),
  );

/** What a feed file asks for and is not built. */
export const refuseInFeed = (source: YamlSource): readonly Refused[] => refuse(source, FEED);
