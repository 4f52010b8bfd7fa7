import * as z from 'zod';
import type { BatchRecord } from './records.ts';

/**
 * What our events on the bus say to people, alarms and other programs. Each may arrive twice, with the same detail:
 * a load's key, or a batch's feed and name, tells so.
 */

/** Batches that an event names; of more it only says how many. */
export const MAX_NAMED = 20;

const batches = z.strictObject({
  count: z.int(),
  /** The first of them. */
  names: z.array(z.string()).max(MAX_NAMED),
  /** How many are not named. */
  unnamed: z.int(),
});

const counts = z.strictObject({
  /** Records of the source's documents. */
  records: z.int(),
  /** Rows of the part files, by `schema.table`. */
  staged: z.record(z.string(), z.int()),
  /** Rows that could not be typed or keyed. */
  rejected: z.int(),
});

const load = { feed: z.string(), loadKey: z.string(), batches, counts };
const failure = { error: z.string(), cause: z.string() };

/** LoadSucceeded: the batches are in the warehouse, by one transaction. */
export const loadSucceeded = z.strictObject(load);
export type LoadSucceeded = z.infer<typeof loadSucceeded>;

/** LoadFailed: a load was given up, and nothing of it is in the warehouse; `parked` are those of its batches that wait for a person. */
export const loadFailed = z.strictObject({ ...load, ...failure, parked: batches });
export type LoadFailed = z.infer<typeof loadFailed>;

/** BatchParked: batches wait for a person; without `loadKey` where they were not sealed. */
export const batchParked = z.strictObject({
  feed: z.string(),
  batches,
  /** The state that gave up. */
  state: z.string(),
  ...failure,
  loadKey: z.string().optional(),
});
export type BatchParked = z.infer<typeof batchParked>;

/** Batches as events name them. */
export const nameBatches = (names: readonly string[]): z.infer<typeof batches> => {
  const named = names.slice(0, MAX_NAMED);
  return { count: names.length, names: named, unnamed: names.length - named.length };
};

/** What batches hold together, by their records. */
export const countBatches = (
  records: readonly Pick<BatchRecord, 'records' | 'tables' | 'rejects'>[],
): z.infer<typeof counts> => {
  const staged: Record<string, number> = {};
  for (const [table, { rows }] of records.flatMap(({ tables }) => Object.entries(tables)))
    staged[table] = (staged[table] ?? 0) + rows;
  const sum = (of: (record: (typeof records)[number]) => number): number =>
    records.reduce((total, record) => total + of(record), 0);
  return {
    records: sum(({ records: n }) => n),
    staged,
    rejected: sum(({ rejects }) => rejects.rows),
  };
};
