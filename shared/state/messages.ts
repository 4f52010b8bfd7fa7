import * as z from 'zod';
import { backfill } from './backfill.ts';
import { isOwnSource, type OwnSource } from './deployment-names.ts';
import { errorOutput } from './error-output.ts';
import { batchParked, loadFailed, loadSucceeded } from './events.ts';

/**
 * What passes between states: keys and counts, never rows or lists of files (256 KiB at most). Each state's
 * input and output is one schema here; handlers parse their input by it, and the machines are tested with it.
 */

/** The `source` of the events that a deployment puts on the default bus. Its rules match its own alone. */
const ownSource = z.custom<OwnSource>(isOwnSource, 'allowed millrace or millrace-<env>');

/** detail-types of our own events. */
export const EVENT = {
  /** Starts the next execution of Extract. */
  continue: 'Continue',
  /** Starts Load for a feed: something is pending and nothing is in flight. */
  loadNext: 'LoadNext',
  /** What a feed's load schedule starts Load with: what is sealed by now is due. */
  loadDue: 'LoadDue',
  /** Starts SettleLoad for a statement whose completion event was lost. */
  settle: 'Settle',
  /** For people, alarms and other programs: see events.ts. */
  loadSucceeded: 'LoadSucceeded',
  loadFailed: 'LoadFailed',
  batchParked: 'BatchParked',
  feedNeedsAttention: 'FeedNeedsAttention',
  feedRecovered: 'FeedRecovered',
} as const;

const execution = z.object({ id: z.string(), startTime: z.iso.datetime() });

const s3ObjectCreated = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    /** Without a version in a bucket that has none. */
    object: z.object({ key: z.string(), 'version-id': z.string().optional() }),
  }),
});

/** It is not the feed that is read, but the keys that its source has. */
const compares = z.literal(true).optional();

/** What starts Extract: a schedule, a landed object, or the execution before it. */
export const extractTrigger = z.union([
  z.strictObject({ feed: z.string(), scheduledTime: z.iso.datetime({ offset: true }), compares }),
  s3ObjectCreated,
  z.object({
    source: ownSource,
    'detail-type': z.literal(EVENT.continue),
    detail: z.strictObject({
      feed: z.string(),
      /** Of the schedule that began the chain; absent for landed objects. */
      scheduledTime: z.iso.datetime({ offset: true }).optional(),
      object: z.strictObject({ bucket: z.string(), key: z.string(), versionId: z.string() }).optional(),
      compares,
      backfill: backfill.optional(),
      generation: z.int(),
      /** Of the chain; absent where its first execution found no batch to name it by. */
      correlation: z.string().optional(),
    }),
  }),
]);
export type ExtractTrigger = z.infer<typeof extractTrigger>;

export const planBatchInput = z.strictObject({ trigger: extractTrigger, execution });
export type PlanBatchInput = z.infer<typeof planBatchInput>;

/** The thread of one batch through Extract; every state passes it on. */
export const batchThread = z.strictObject({
  feed: z.string(),
  batch: z.string(),
  planKey: z.string(),
  correlation: z.string(),
  generation: z.int(),
  scheduledTime: z.string().optional(),
  /** How far this execution may read, in windows: the schedule's time or the source's clock, less the delay. */
  until: z.iso.datetime().optional(),
  /** Steps end by then: the execution's start + 230 s. ISO 8601. */
  deadline: z.iso.datetime(),
  execution: z.string(),
  /** The range that this batch is a part of; absent in the live feed. */
  backfill: backfill.optional(),
});
export type BatchThread = z.infer<typeof batchThread>;

export const planBatchOutput = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('planned'),
    thread: batchThread,
    slices: z.array(z.int()).max(200),
    concurrency: z.int().min(1).max(40),
  }),
  /** Nothing to do, and why: caught up, sealed already, parked, or not a suffix of this feed. */
  z.strictObject({ outcome: z.literal('idle'), feed: z.string(), reason: z.string() }),
]);
export type PlanBatchOutput = z.infer<typeof planBatchOutput>;

export const extractSliceInput = z.strictObject({ thread: batchThread, slice: z.int() });
export type ExtractSliceInput = z.infer<typeof extractSliceInput>;
export const extractSliceOutput = z.strictObject({
  slice: z.int(),
  /** late: the deadline had passed before anything was read. spooling: its next page takes longer than an execution, and is being spooled. */
  outcome: z.enum(['complete', 'partial', 'late', 'spooling']),
  /** Key of the record by which this execution asked for that. */
  spool: z.string().optional(),
});
export type ExtractSliceOutput = z.infer<typeof extractSliceOutput>;

/** Starts copying one page. */
export const spoolPageInput = z.strictObject({ thread: batchThread, spool: z.string() });
export type SpoolPageInput = z.infer<typeof spoolPageInput>;

export const sealBatchInput = z.strictObject({
  thread: batchThread,
  /** All slices that are not complete wait for pages that are being spooled: nothing is to be done until one of them is there. */
  isSpooling: z.boolean().optional(),
});
export type SealBatchInput = z.infer<typeof sealBatchInput>;
/** continue: slices are unfinished, or the schedule's time is not reached; the detail of the Continue event. */
export const sealBatchOutput = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('done'), feed: z.string(), batch: z.string() }),
  z.strictObject({ outcome: z.literal('spooling'), feed: z.string(), batch: z.string() }),
  z.strictObject({
    outcome: z.literal('continue'),
    detail: z.strictObject({
      feed: z.string(),
      scheduledTime: z.string().optional(),
      object: z.strictObject({ bucket: z.string(), key: z.string(), versionId: z.string() }).optional(),
      compares,
      backfill: backfill.optional(),
      generation: z.int(),
      correlation: z.string(),
    }),
  }),
]);
export type SealBatchOutput = z.infer<typeof sealBatchOutput>;

/** The last word of a failed Extract: parks what no retry can mend, and gives the lease back. */
export const recordFailureInput = z.strictObject({
  /** The trigger may be what was wrong, so it is not parsed here. */
  trigger: z.unknown(),
  thread: batchThread.optional(),
  execution: z.string(),
  /** The state that failed. */
  state: z.string(),
  error: errorOutput,
});
export type RecordFailureInput = z.infer<typeof recordFailureInput>;
export const recordFailureOutput = z.strictObject({
  error: z.string(),
  /** JSON text of failureCause: what the execution fails with, for people and for those that report it. */
  cause: z.string(),
  isParked: z.boolean(),
  /** The event's detail, where it is. */
  parked: batchParked.optional(),
});
export type RecordFailureOutput = z.infer<typeof recordFailureOutput>;

/** What starts Load. */
export const loadTrigger = z.union([
  s3ObjectCreated,
  z.object({
    source: ownSource,
    'detail-type': z.literal(EVENT.loadNext),
    detail: z.strictObject({ feed: z.string() }),
  }),
  z.object({
    source: ownSource,
    'detail-type': z.literal(EVENT.loadDue),
    detail: z.strictObject({ feed: z.string(), scheduledTime: z.iso.datetime({ offset: true }) }),
  }),
]);
export type LoadTrigger = z.infer<typeof loadTrigger>;

export const planLoadInput = z.strictObject({ trigger: loadTrigger, execution });
export type PlanLoadInput = z.infer<typeof planLoadInput>;

/** One try of one load. */
export const loadThread = z.strictObject({
  feed: z.string(),
  loadKey: z.string(),
  try: z.int().min(1),
  correlation: z.string(),
});
export type LoadThread = z.infer<typeof loadThread>;

export const planLoadOutput = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('planned'), thread: loadThread }),
  z.strictObject({
    outcome: z.literal('idle'),
    feed: z.string(),
    reason: z.string(),
    /** After so long LoadNext is put: more of a burst is gathered. */
    waitSeconds: z.int().min(1).optional(),
  }),
]);
export type PlanLoadOutput = z.infer<typeof planLoadOutput>;

export const prepareWarehouseInput = z.strictObject({ thread: loadThread });
export type PrepareWarehouseInput = z.infer<typeof prepareWarehouseInput>;
export const prepareWarehouseOutput = z.strictObject({
  statements: z.int(),
  /** Columns of child tables that the contract does not have, by `schema.table`. */
  foreign: z.record(z.string(), z.array(z.string())).optional(),
  /** The database is SERIALIZABLE: loads lock the ledger too. */
  locksLedger: z.boolean().optional(),
  /** The ledger has the swap that this load is: there is nothing left to do. */
  isSwapped: z.literal(true).optional(),
  /** Views and grants that the warehouse refused, and batches that it lost: the load goes on, and the next one looks again. */
  warnings: z.array(z.string()).optional(),
});
export type PrepareWarehouseOutput = z.infer<typeof prepareWarehouseOutput>;

export const submitLoadInput = z.strictObject({
  thread: loadThread,
  /** What PrepareWarehouse answered; absent where it has not run, and the warehouse is asked whether it has to. */
  prepared: prepareWarehouseOutput.optional(),
});
export type SubmitLoadInput = z.infer<typeof submitLoadInput>;
export const submitLoadOutput = z.union([
  z.strictObject({ statementId: z.string() }),
  /** Nothing was submitted: PrepareWarehouse has something to do first. */
  z.strictObject({ isUnprepared: z.literal(true) }),
]);
export type SubmitLoadOutput = z.infer<typeof submitLoadOutput>;

/** What starts SettleLoad: the Data API's event, or with a source of ours the sweep's in its place; read leniently. */
export const settleTrigger = z.object({
  source: z.string(),
  detail: z.object({ statementId: z.string(), statementName: z.string() }),
});

export type SettleTrigger = z.infer<typeof settleTrigger>;

export const describeLoadInput = z.strictObject({ trigger: settleTrigger });
export type DescribeLoadInput = z.infer<typeof describeLoadInput>;
export const describeLoadOutput = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('finished'), thread: loadThread }),
  /** Transient: submit `thread`, whose try is the next one, after waiting. */
  z.strictObject({
    outcome: z.literal('retry'),
    thread: loadThread,
    waitSeconds: z.int(),
    message: z.string(),
  }),
  /** Terminal or the data's fault: park, and go on with the others. */
  z.strictObject({
    outcome: z.literal('failed'),
    thread: loadThread,
    /** The batches at fault, where the warehouse named their files. */
    culprits: z.array(z.string()),
    isDataError: z.boolean(),
    error: errorOutput,
  }),
  z.strictObject({ outcome: z.literal('ignored'), reason: z.string() }),
]);
export type DescribeLoadOutput = z.infer<typeof describeLoadOutput>;

export const markLoadedInput = z.strictObject({ thread: loadThread });
export type MarkLoadedInput = z.infer<typeof markLoadedInput>;
export const markLoadedOutput = z.strictObject({
  feed: z.string(),
  batches: z.int(),
  succeeded: loadSucceeded,
});
export type MarkLoadedOutput = z.infer<typeof markLoadedOutput>;

/** Parks the batches at fault (of a terminal error: all), settles the load, so that the next one may start. */
export const parkLoadInput = z.strictObject({
  thread: loadThread,
  culprits: z.array(z.string()),
  isDataError: z.boolean(),
  error: errorOutput,
});
export type ParkLoadInput = z.infer<typeof parkLoadInput>;
export const parkLoadOutput = z.strictObject({
  /**
   * How the load is settled now: parked, loaded (meanwhile), or isolate, when the next loads take the batches one by one to
   * find the one at fault. waiting: it is not, and no next load may start; the sweep takes this one up again.
   */
  outcome: z.enum(['isolate', 'loaded', 'parked', 'waiting']),
  feed: z.string(),
  loadKey: z.string(),
  parked: z.array(z.string()),
  error: z.string(),
  cause: z.string(),
  /** The events' details, where batches were parked. */
  told: z.strictObject({ loadFailed, batchParked }).optional(),
});
export type ParkLoadOutput = z.infer<typeof parkLoadOutput>;
