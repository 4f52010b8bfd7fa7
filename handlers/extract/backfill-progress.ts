import { InvalidInput } from '../../shared/errors.ts';
import { type Backfill, backfillPrefix } from '../../shared/state/backfill.ts';
import { parseKeyIfOurs, parseStamp, toDateFolder, toStamp } from '../../shared/state/keys.ts';
import type { RecordStore } from '../ports/record-store.ts';

/** What of a range is sealed. */
export interface BackfillProgress {
  /** Where the next stretch begins, in epoch milliseconds; the range's end where all of it is sealed. */
  readonly nextMs: number;
  /** Keys of the sealed batches, in order. */
  readonly sealed: readonly string[];
}

/** Follows the sealed stretches of a range, each by one LIST: one begins where the one before it ended, whatever partitions there are by now. */
export const readBackfillProgress = async (
  feed: string,
  { request, from, to }: Backfill,
  records: RecordStore,
): Promise<BackfillProgress> => {
  const [toMs, sealed]: [number, string[]] = [Date.parse(to), []];
  let nextMs = Date.parse(from);
  while (nextMs < toMs) {
    const begin = `batches/${feed}/${toDateFolder(nextMs)}/${backfillPrefix(request)}${toStamp(nextMs)}-`;
    const [key] = (await records.list(begin)).keys;
    if (key === undefined) break;
    const endMs = endOf(key, begin);
    if (endMs <= nextMs) throw new InvalidInput(`batch ${key} ends before it begins`);
    nextMs = endMs;
    sealed.push(key);
  }
  return { nextMs, sealed };
};

const endOf = (key: string, begin: string): number => {
  if (parseKeyIfOurs(key)?.kind !== 'batch') throw new InvalidInput(`key ${key} is not of a batch`);
  return parseStamp(key.slice(begin.length, -'.json'.length));
};
