import type { Trouble } from '../../shared/attention/facts.ts';
import { readParkedOne as readOne } from '../attention/read-parked.ts';
import { readEach } from '../read-each.ts';
import type { LookDeps } from './operate-deps.ts';

/** Why a batch is parked, with what it is read again by; undefined where it is not. */
export const readParkedOne = (
  feed: string,
  batch: string,
  deps: Pick<LookDeps, 'records' | 'clock'>,
): Promise<Trouble | undefined> => readOne(feed, batch, deps);

/** The same of several, in their order; what has no batch is not parked. */
export const readParkedEach = (
  batches: readonly { readonly feed: string; readonly batch: string }[],
  deps: Pick<LookDeps, 'records' | 'clock'>,
): Promise<readonly (Trouble | undefined)[]> =>
  readEach(batches, async ({ feed, batch }) => (batch === '' ? undefined : readOne(feed, batch, deps)));
