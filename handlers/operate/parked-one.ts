import type { Trouble } from '../../shared/attention/facts.ts';
import { readParkedOne } from '../attention/read-parked.ts';
import { readEach } from '../read-each.ts';
import type { LookDeps } from './operate-deps.ts';

export { readParkedOne };

/** Why batches are parked, each with what it is read again by, in their order; undefined where it is not, or there is no batch. */
export const readParkedEach = (
  batches: readonly { readonly feed: string; readonly batch: string }[],
  deps: Pick<LookDeps, 'records' | 'clock'>,
): Promise<readonly (Trouble | undefined)[]> =>
  readEach(batches, async ({ feed, batch }) => (batch === '' ? undefined : readParkedOne(feed, batch, deps)));
