import { toKey } from '../shared/state/keys.ts';
import { type PausedRecord, pausedRecord } from '../shared/state/operate-records.ts';
import type { RecordStore } from './ports/record-store.ts';
import { readRecord } from './records.ts';

/** The record by which a person holds a feed; undefined where nobody does. */
export const readPaused = (records: RecordStore, feed: string): Promise<PausedRecord | undefined> =>
  readRecord(records, toKey({ kind: 'paused', feed }), pausedRecord);

/** Why nothing is begun for a feed, where a person holds it. */
export const pausedReason = async (records: RecordStore, feed: string): Promise<string | undefined> => {
  const paused = await readPaused(records, feed);
  return paused && `paused since ${paused.pausedAt}, until npx millrace resume ${feed}`;
};
