import type { HttpSource } from '../../model/feed.ts';
import { readParam } from './query.ts';
import { nextPaths, pagingFormOf } from './registry.ts';

/**
 * A path of `next` that matches nothing ends the paging after the first page: a typo there loses all other pages. On the last page it
 * matches nothing either, so two signs are looked for: the document has a name that is much alike, or the page is full.
 */

/** Keys of what matched stand in a step's list of matches beside those of tables and columns. */
export interface NextPath {
  readonly key: string;
  readonly path: string;
}

/** The paths of `next` that lead from page to page. A total that matches nothing is an error of its own. */
export const linkPaths = ({ next }: HttpSource): readonly NextPath[] =>
  next === undefined || pagingFormOf(next).isCounted
    ? []
    : nextPaths(next).map(({ key, path }) => ({ key: `source.http.next.${key.join('.')}`, path }));

/** Names of parameters by which servers are asked for pages of a size. */
const PAGE_SIZE = /size|limit|count|top|max|per|rows|num|page/i;

/** Whether a page has as many records as its request asks for, so that another one is likely to follow. */
export const isFull = (url: string, records: number): boolean =>
  records > 1 &&
  [...new URL(url).searchParams.keys()].some(
    (name) => PAGE_SIZE.test(name) && readParam(url, name) === String(records),
  );

/** For people: what the batch should be looked at for. */
export const tellUnmatchedNext = ({ key, path }: NextPath, nearest: string | undefined): string =>
  `${key}: path ${path} matched nothing in the batch, so nothing after the first page was read, ${
    nearest === undefined
      ? 'though a page has as many records as its request asks for: see how the source says that another page follows'
      : `though the source has ${nearest}: write that path, or see how the source says that another page follows`
  }`;
