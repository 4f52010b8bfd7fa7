import * as z from 'zod';
import { asking } from '../attention/asking.ts';
import { feedsFile } from '../model/feed.ts';
import { kept } from '../model/kept.ts';
import { ATTENTION_RECORDS } from './attention-records.ts';
import { backfill, REQUEST } from './backfill.ts';
import { warehouseTarget } from './warehouse-target.ts';

/** The records by which a person operates a deployment: what it runs, what is paused, what failed and was not parked. */

const time = z.iso.datetime({ precision: 3 });

/** deployed/…: what the deployment runs, as its sweep says it. */
export const deployedRecord = kept({
  invocation: z.string(),
  at: time,
  feeds: feedsFile,
  warehouse: warehouseTarget,
});
export type DeployedRecord = z.infer<typeof deployedRecord>;

/** paused/…: a person holds the feed: no extraction and no load of it is begun. */
export const pausedRecord = kept({ feed: z.string(), invocation: z.string(), pausedAt: time });
export type PausedRecord = z.infer<typeof pausedRecord>;

/**
 * backfills/…: a person asked for a range again, and not all of it is sealed yet; backfilled/… once it is, so that the same question is known, or
 * once a person has cancelled it, so that nobody goes on with it.
 */
export const backfillRecord = kept({
  feed: z.string(),
  ...backfill.shape,
  invocation: z.string(),
  cancelledAt: time.optional(),
});
export type BackfillRecord = z.infer<typeof backfillRecord>;

/**
 * rebuilds/…: the tables of a feed are being filled anew, beside those that are there, since `asked`; rebuilt/… once they have taken their
 * place.
 */
export const rebuildRecord = kept({
  feed: z.string(),
  /** What a person asked for, as `schema.table`. */
  table: z.string(),
  request: z.string().regex(REQUEST),
  /** The feed's contract, by its hash: by another one nothing of it is read or loaded. */
  contract: z.string(),
  asked: time,
  /** Of a feed with a window, where its first batch begins; else when it was asked. */
  from: time,
  invocation: z.string(),
});
export type RebuildRecord = z.infer<typeof rebuildRecord>;

/** skipped/…: a person leaves a parked batch for good. */
export const skippedRecord = kept({
  feed: z.string(),
  batch: z.string(),
  invocation: z.string(),
  skippedAt: time,
});

/** failures/…: an execution that failed, and parked nothing: the same is tried again by itself. */
export const failureRecord = kept({
  feed: z.string(),
  /** Absent where it failed before it had one; of a load its oldest. */
  batch: z.string().optional(),
  /** The range that was being read, where it was one. */
  asked: asking.optional(),
  invocation: z.string(),
  /** The state that failed. */
  state: z.string(),
  error: z.string(),
  message: z.string(),
  failedAt: time,
});
export type FailureRecord = z.infer<typeof failureRecord>;

/** By the kinds of their keys. */
export const OPERATE_RECORDS = {
  ...ATTENTION_RECORDS,
  deployed: deployedRecord,
  paused: pausedRecord,
  backfill: backfillRecord,
  backfilled: backfillRecord,
  rebuild: rebuildRecord,
  rebuilt: rebuildRecord,
  skipped: skippedRecord,
  failure: failureRecord,
} as const;
