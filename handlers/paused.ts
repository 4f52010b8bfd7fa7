import type { Feed } from '../shared/model/feed.ts';
import { toKey } from '../shared/state/keys.ts';
import { type PausedRecord, pausedRecord } from '../shared/state/operate-records.ts';
import type { RecordStore } from './ports/record-store.ts';
import { readRecord } from './records.ts';

/** The record by which a person holds a feed; undefined where nobody does. */
export const readPaused = (records: RecordStore, feed: string): Promise<PausedRecord | undefined> =>
  readRecord(records, toKey({ kind: 'paused', feed }), pausedRecord);

/** Why nothing is begun for a feed; undefined where it is not held, by its own file or by a person. `feed` is as it is deployed. */
export const pausedReason = async (
  records: RecordStore,
  name: string,
  feed: Pick<Feed, 'paused'> | undefined,
): Promise<string | undefined> => {
  if (feed?.paused === true) return `paused by its feed file, until a deployment without \`paused: true\``;
  const paused = await readPaused(records, name);
  return paused && `paused since ${paused.pausedAt}, until npx millrace resume ${name}`;
};
