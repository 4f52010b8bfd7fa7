import type { Feed } from '../../shared/model/feed.ts';
import { backfillPrefix } from '../../shared/state/backfill.ts';
import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import { backfillRecord } from '../../shared/state/operate-records.ts';
import { readBackfillProgress } from '../extract/backfill-progress.ts';
import { readEach } from '../read-each.ts';
import { readRecord } from '../records.ts';
import { toAsking } from './backfill-request.ts';
import { batchOf, toIso } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';

/** A range that a person asked for again, and that is not all sealed. */
export interface OpenBackfill {
  readonly request: string;
  readonly from: string;
  readonly to: string;
  readonly partition: string | undefined;
  readonly asked: string;
  /** It was asked for again, beside an earlier request of the same range. */
  readonly isAgain: boolean;
  /** All before it is sealed; undefined of landed files, which have no order. */
  readonly sealedTo: string | undefined;
  /** The stretch that a person has to give back first. */
  readonly parked: string | undefined;
}

/** Those of a feed, the oldest first. */
export const readOpenBackfills = async (
  name: string,
  feed: Feed | undefined,
  { records }: Pick<LookDeps, 'records'>,
): Promise<readonly OpenBackfill[]> => {
  const { keys } = await records.list(`backfills/${name}/`);
  const requests = keys.filter((key) => parseKeyIfOurs(key)?.kind === 'backfill');
  const read = await readEach(requests, async (key): Promise<readonly OpenBackfill[]> => {
    const record = await readRecord(records, key, backfillRecord);
    // The sweep took it off the list since.
    if (record === undefined) return [];
    const { request, from, to, partition, asked } = record;
    const range = { request, from, to, partition, asked, isAgain: toAsking(name, record).isAgain };
    if (feed?.source.kind === 's3') return [{ ...range, sealedTo: undefined, parked: undefined }];
    const { nextMs } = await readBackfillProgress(name, record, records);
    // Done, and on the list until the next sweep.
    if (nextMs >= Date.parse(to)) return [];
    // A stretch that is skipped stops its range, too.
    const [parked] = (await records.list(`parked/${name}/${backfillPrefix(request)}`)).keys;
    return [{ ...range, sealedTo: toIso(nextMs), parked: parked && batchOf(parked) }];
  });
  return read.flat().toSorted((a, b) => (a.asked < b.asked ? -1 : 1));
};
