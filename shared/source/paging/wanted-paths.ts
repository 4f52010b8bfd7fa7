import { type Next, nextPaths, wantedOf } from './registry.ts';
import { TOTAL, type Total } from './total.ts';

/** What a source's requests want of each of its documents, besides rows. */
interface Wanting {
  readonly next?: Next | undefined;
  readonly total?: Total | undefined;
}

/** Absolute paths, by the names that their values get. */
export const wantedPaths = ({ next, total }: Wanting): Readonly<Record<string, string>> => ({
  ...(next === undefined ? {} : wantedOf(next)),
  ...(total === undefined ? {} : { [TOTAL]: total.path }),
});

/** The same paths, each with the keys below `source.http` that it is written under. */
export const writtenPaths = ({
  next,
  total,
}: Wanting): readonly { readonly key: readonly string[]; readonly path: string }[] => [
  ...(next === undefined ? [] : nextPaths(next).map(({ key, path }) => ({ key: ['next', ...key], path }))),
  ...(total === undefined ? [] : [{ key: ['total', 'path'], path: total.path }]),
];
