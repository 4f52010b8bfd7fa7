import type { Feed } from '../../shared/model/feed.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { UsageError } from './command-io.ts';

/** The feed of a name that somebody typed. Throws UsageError with the nearest one. */
export const findFeed = (name: string, feeds: readonly Feed[]): Feed => {
  const found = feeds.find(({ feed }) => feed === name);
  if (found !== undefined) return found;
  const names = feeds.map(({ feed }) => feed);
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `, did you mean ${near}?`;
  throw new UsageError(`no feed ${name}${hint}; there are ${names.join(', ') || 'none'}`);
};
