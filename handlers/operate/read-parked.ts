import type { Feed } from '../../shared/model/feed.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type ParkedRecord, parkedRecord } from '../../shared/state/records.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';
import { batchOf } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';
import { findSuperseded, mayBeSuperseded } from './superseded.ts';

/** The batches of a feed that wait for a person. */

/** Those of which a newer version is looked for: three calls each. */
const MOST_LOOKED_AT = 200;

/** Records that are read to tell the oldest. */
const MOST_READ = 20;

export interface Parked {
  /** With those that are superseded. */
  readonly all: readonly string[];
  readonly batches: readonly string[];
  /** Of the first of them that are read, the one that was parked first. */
  readonly oldest: ParkedRecord | undefined;
  /** Parked still, and nobody has to look at them: a newer version of their object, or a later comparison, is loaded. */
  readonly superseded: number;
}

/** `feed` is as it is deployed; of one that is not, nothing is known to be superseded. */
export const readParked = async (name: string, feed: Feed | undefined, deps: LookDeps): Promise<Parked> => {
  const { keys } = await deps.records.list(`parked/${name}/`);
  const all = keys.flatMap((key) => batchOf(key) ?? []);
  const some = all.filter(mayBeSuperseded).slice(0, MOST_LOOKED_AT);
  const superseded = feed === undefined ? new Map() : await findSuperseded(deps, feed, some);
  const batches = all.filter((batch) => !superseded.has(batch));
  const read = await readEach(batches.slice(0, MOST_READ), (batch) =>
    readRecord(deps.records, toKey({ kind: 'parked', feed: name, batch }), parkedRecord),
  );
  const [oldest] = read
    .filter((record) => record !== undefined)
    .toSorted((a, b) => (a.parkedAt < b.parkedAt ? -1 : 1));
  return { all, batches, oldest, superseded: superseded.size };
};
