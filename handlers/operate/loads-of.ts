import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import {
  type LoadRecord,
  loadRecord,
  type SettledRecord,
  type SubmissionRecord,
  settledRecord,
  submissionRecord,
} from '../../shared/state/records.ts';
import { readRecord } from '../records.ts';
import { itemsByDay, toIso } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';

/** The loads of a feed with all their times. */

export interface LoadStory {
  readonly load: string;
  readonly batches: readonly string[];
  readonly plannedAt: string;
  /** Each try's submission, and the statement at the warehouse. */
  readonly tries: readonly { readonly at: string; readonly statementId: string }[];
  readonly settledAt: string | undefined;
  readonly outcome: SettledRecord['outcome'] | 'in flight';
  readonly error: SettledRecord['error'];
  /** Of the executions that put its records; none where nothing was traced. */
  readonly traceIds: readonly string[];
}

interface Day {
  /** Load records by their keys, in order. */
  readonly loads: readonly string[];
  /** When each record was put: epoch milliseconds. */
  readonly times: ReadonlyMap<string, number>;
}

async function* days(feed: string, deps: LookDeps): AsyncGenerator<Day> {
  for await (const items of itemsByDay(deps, `loads/${feed}/`)) {
    const keys = items.map(({ key }) => key);
    yield {
      loads: keys.filter((key) => parseKeyIfOurs(key)?.kind === 'load'),
      times: new Map(items.map(({ key, lastModifiedMs }) => [key, lastModifiedMs])),
    };
  }
}

/** The loads that were planned since a time, the newest first, one read after the other. */
export async function* loadsSince(feed: string, sinceMs: number, deps: LookDeps): AsyncGenerator<LoadStory> {
  for await (const { loads, times } of days(feed, deps)) {
    for (const key of loads.toReversed()) {
      const record = await readRecord(deps.records, key, loadRecord);
      if (record === undefined) continue;
      // Names sort as loads follow each other.
      if (Date.parse(record.plannedAt) < sinceMs) return;
      yield await toStory(key, record, times, deps);
    }
  }
}

const toStory = async (
  key: string,
  record: LoadRecord,
  times: Day['times'],
  { records }: LookDeps,
): Promise<LoadStory> => {
  const name = parseKeyIfOurs(key);
  if (name?.kind !== 'load') throw new Error(`${key} is no load`);
  const settledKey = toKey({ ...name, kind: 'settled' });
  const settledMs = times.get(settledKey);
  const settled = settledMs === undefined ? undefined : await readRecord(records, settledKey, settledRecord);
  const tries = await readTries(key.replace(/\.json$/, '/submitted-'), times, records);
  const traced = [record, ...tries, settled];
  return {
    load: key,
    batches: record.batches.map(({ batch }) => batch),
    plannedAt: record.plannedAt,
    tries: tries.map(({ submittedAt: at, statementId }) => ({ at, statementId })),
    settledAt: settledMs === undefined ? undefined : toIso(settledMs),
    outcome: settled?.outcome ?? 'in flight',
    error: settled?.error,
    traceIds: [...new Set(traced.flatMap((one) => one?.traceId ?? []))],
  };
};

const readTries = async (
  prefix: string,
  times: Day['times'],
  records: LookDeps['records'],
): Promise<readonly SubmissionRecord[]> => {
  const tries: SubmissionRecord[] = [];
  for (const key of [...times.keys()].filter((one) => one.startsWith(prefix))) {
    const record = await readRecord(records, key, submissionRecord);
    if (record !== undefined) tries.push(record);
  }
  return tries;
};
