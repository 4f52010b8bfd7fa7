import { parseKey, type StepName, spoolPrefix, toKey } from '../../shared/state/keys.ts';
import {
  type SpooledRecord,
  type StepRecord,
  spooledRecord,
  spoolRecord,
} from '../../shared/state/records.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { SourceResponse } from '../ports/source.ts';
import { putRecord, readKnownRecord } from '../records.ts';

/** A page that alone takes longer than an execution is copied by a function that has more time; its step then reads the copy. */

/** An asynchronous function has 15 minutes, and starts at once as a rule. Later than this it is asked for again. */
const PATIENCE_MS = 20 * 60_000;

/** A copy is read so long: where its step fails by it, the source is asked for the page anew. */
const FRESH_MS = 60 * 60_000;

export type SpooledPage = NonNullable<SpooledRecord['page']>;

/** What is known of the copy of a step's first page. */
export type Spool =
  | { readonly state: 'none'; readonly asks: number }
  | { readonly state: 'asked'; readonly key: string; readonly execution: string }
  | { readonly state: 'there'; readonly page: SpooledPage; readonly atMs: number }
  | { readonly state: 'failed'; readonly failure: NonNullable<SpooledRecord['failure']> };

/** Finds it: one LIST, and a GET for the newest of what is there. */
export const readSpool = async (records: RecordStore, step: StepName, nowMs: number): Promise<Spool> => {
  const { keys } = await records.list(spoolPrefix(step));
  const asks = keys.map(parseKey).filter((key) => key.kind === 'spool');
  const newest = asks.at(-1);
  const none = { state: 'none', asks: asks.length } as const;
  if (newest === undefined) return none;
  const done = keys.map(parseKey).findLast((key) => key.kind === 'spooled');
  if (done?.ask === newest.ask) {
    const { page, failure, at } = await readKnownRecord(records, toKey(done), spooledRecord);
    const atMs = Date.parse(at);
    if (nowMs - atMs > FRESH_MS) return none;
    if (page !== undefined) return { state: 'there', page, atMs };
    return { state: 'failed', failure: failure ?? { error: 'unknown', message: 'no reason is recorded' } };
  }
  const key = toKey(newest);
  const { at, execution } = await readKnownRecord(records, key, spoolRecord);
  return nowMs - Date.parse(at) > PATIENCE_MS ? none : { state: 'asked', key, execution };
};

/** Asks for the copy; gives the key of the record that does, ours or another invocation's. */
export const askForSpool = async (
  step: StepName,
  continuation: StepRecord['continuation'],
  asking: {
    readonly records: RecordStore;
    readonly invocation: string;
    readonly execution: string;
    readonly nowMs: number;
  },
): Promise<{ readonly key: string; readonly execution: string }> => {
  const { records, invocation, execution, nowMs } = asking;
  const { keys } = await records.list(spoolPrefix(step));
  const ask = keys.map(parseKey).filter((key) => key.kind === 'spool').length;
  const key = toKey({ ...step, kind: 'spool', ask });
  const record = { invocation, at: new Date(nowMs).toISOString(), execution, continuation };
  const standing = await putRecord(records, key, record, spoolRecord);
  return { key, execution: standing.execution };
};

/** The answer that was copied. Fails as ObjectStreams.open does. */
export const openSpooled = async (
  { url, charset, link, body }: SpooledPage,
  { streams, signal }: { readonly streams: ObjectStreams; readonly signal: AbortSignal },
): Promise<SourceResponse> => ({
  url,
  charset,
  header: (name) => (name.toLowerCase() === 'link' ? link : undefined),
  body: await streams.open(body, signal),
});
