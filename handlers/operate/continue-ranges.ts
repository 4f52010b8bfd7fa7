import type { Feed } from '../../shared/model/feed.ts';
import { continueBackfills } from '../sweep/continue-backfills.ts';
import type { BackfillDeps } from './backfill-feed.ts';

/**
 * Goes on with the ranges of a feed that are not read to their end, as the sweep does, however young they are: where nothing is under way, no chain
 * of executions reads them. Answers how many executions it asks for.
 */
export const continueRanges = (feed: Feed, deps: BackfillDeps): Promise<number> =>
  // A range that was asked for at this very moment counts, too.
  continueBackfills(feed, deps, Number.NEGATIVE_INFINITY);
