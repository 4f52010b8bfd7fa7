import { type LoadName, parseKey, parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { parseLoadKey } from '../../shared/state/load-name.ts';
import {
  type LoadRecord,
  loadRecord,
  type SettledRecord,
  type SubmissionRecord,
  settledRecord,
  submissionRecord,
} from '../../shared/state/records.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord, readRecord } from '../records.ts';

/** What S3 says of loads: which is the newest, whether it is settled, what was submitted for it. */

export interface Load {
  readonly name: LoadName;
  readonly key: string;
  readonly record: LoadRecord;
  readonly settled: SettledRecord | undefined;
}

/** Reads one load. Throws InvalidInput where there is none. */
export const readLoad = async (records: RecordStore, key: string): Promise<Load> => {
  const name = parseLoadKey(key);
  const [record, settled] = await Promise.all([
    readKnownRecord(records, key, loadRecord),
    readRecord(records, toKey({ kind: 'settled', ...name }), settledRecord),
  ]);
  return { name, key, record, settled };
};

/** The keys of a feed's loads, newest first. */
export async function* newestLoads(records: RecordStore, feed: string): AsyncGenerator<string> {
  for await (const key of newestKeys(records, `loads/${feed}/`)) {
    if (parseKeyIfOurs(key)?.kind === 'load') yield key;
  }
}

/** A feed's newest load: four LISTs and two GETs, whatever the history. */
export const readNewestLoad = async (records: RecordStore, feed: string): Promise<Load | undefined> => {
  for await (const key of newestLoads(records, feed)) return readLoad(records, key);
  return undefined;
};

export interface Submission extends SubmissionRecord {
  /** Which try of the load it is. */
  readonly number: number;
}

/** What was submitted for one try of a load; undefined where no record says so, or not yet. */
export const readSubmission = (
  records: RecordStore,
  name: LoadName,
  number: number,
): Promise<SubmissionRecord | undefined> =>
  readRecord(records, toKey({ kind: 'submission', ...name, try: number }), submissionRecord);

/** The newest submission of a load, where there is one. */
export const readNewestSubmission = async (
  records: RecordStore,
  name: LoadName,
): Promise<Submission | undefined> => {
  const folder = toKey({ kind: 'load', ...name }).replace(/\.json$/, '/submitted-');
  const newest = (await records.list(folder)).keys.at(-1);
  if (newest === undefined) return undefined;
  const parsed = parseKey(newest);
  if (parsed.kind !== 'submission') return undefined;
  return { ...(await readKnownRecord(records, newest, submissionRecord)), number: parsed.try };
};
