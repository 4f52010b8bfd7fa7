import type { Asking } from '../../shared/attention/asking.ts';
import { LoadDataRefused } from '../../shared/errors.ts';
import { isOfPartFiles } from '../../shared/sql/classify-error.ts';
import { type BatchRecord, batchRecord, type ParkedRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readRecord } from '../records.ts';
import { readSealed } from '../sweep/staged-batches.ts';
import { readPartition, SECOND_MS } from './asked-range.ts';
import { whyNoRange } from './range-rules.ts';

/** Which range a person asks for to have read again what a parked batch was made of. */

/** Undefined where loading the batch again is what helps, or where no range of its feed is read again. `seal` is the batch's, where it is known. */
export const readAgainRange = async (
  { feed, batch, error, message }: Pick<ParkedRecord, 'feed' | 'batch' | 'error' | 'message'>,
  records: RecordStore,
  seal?: string,
): Promise<Asking | undefined> => {
  if (error !== new LoadDataRefused('').name || !isOfPartFiles(message)) return undefined;
  const sealed =
    seal === undefined
      ? await readSealed(feed, batch, records)
      : await readRecord(records, seal, batchRecord);
  return toAgain(sealed, records);
};

/** The range that has what a batch had whose part files are gone; undefined where no range of its feed is read again. */
export const readLostRange = async (
  feed: string,
  batch: string,
  records: RecordStore,
): Promise<Asking | undefined> => toAgain(await readSealed(feed, batch, records), records);

const toAgain = async (
  sealed: BatchRecord | undefined,
  records: RecordStore,
): Promise<Asking | undefined> => {
  const range = sealed && toRange(sealed);
  if (sealed === undefined || range === undefined) return undefined;
  const beside = sealed.contract.tables.find((table) => table.beside !== undefined)?.beside;
  if (beside !== undefined) return { ...range, isAgain: false, rebuilds: beside };
  if (whyNoRange(sealed.contract, sealed.object !== undefined) !== undefined) return undefined;
  const partition = await readPartition(sealed.feed, sealed.batch, records);
  return { ...range, ...(partition === undefined ? {} : { partition }), isAgain: true };
};

const toRange = ({ window, object }: BatchRecord): Pick<Asking, 'from' | 'to'> | undefined => {
  if (window !== undefined) return { from: window.from, to: window.to };
  if (object === undefined) return undefined;
  const fromMs = Date.parse(object.lastModified);
  return { from: toIso(fromMs), to: toIso(fromMs + SECOND_MS) };
};

const toIso = (ms: number): string => new Date(ms).toISOString();
