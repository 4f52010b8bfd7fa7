import * as z from 'zod';
import { contract } from '../model/contract.ts';
import { feed, partition } from '../model/feed.ts';
import { kept } from '../model/kept.ts';
import { batchCounts } from './batch-counts.ts';
import type { Key } from './keys.ts';
import { leaseRecord } from './lease-record.ts';
import { OPERATE_RECORDS } from './operate-records.ts';
import { refusalRecord, stallRecord } from './restart-records.ts';

/** The records in S3: each is one put-if-absent object, and names the Lambda invocation that wrote it, by its request id. Times are ISO 8601 in UTC. */

export const MAX_FIRST_REJECTS = 5;
export const MAX_WARNINGS = 10;

const invocation = z.string();
/** Who wrote a record: the invocation, and the trace of its execution where it has one. */
const writer = { invocation, traceId: z.string().optional() };
const time = z.iso.datetime({ precision: 3 });
const bounds = kept({ from: time, to: time });

const object = {
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  etag: z.string(),
  bytes: z.int(),
};

/** One landed object, pinned by its version. */
export const landedObject = kept({ ...object, lastModified: time });
export type LandedObject = z.infer<typeof landedObject>;

/** A piece of the document that a compressed object was expanded to, pinned by its version. */
const piece = kept(object);
export type Piece = z.infer<typeof piece>;

/** One item of the Map: a partition of the source within a sub-window. */
export const slice = kept({
  slice: z.int(),
  partition,
  /** Partitions that it reads after this one, each from the start: a listing may have more than a plan has slices. */
  more: z.array(partition).optional(),
  /** Half-open; without lookback, which is added when the request is made. */
  window: bounds.optional(),
  /** Bytes of a landed object that is read in ranges, half-open: the records that start in them. */
  range: kept({ from: z.int(), to: z.int() }).optional(),
});
export type Slice = z.infer<typeof slice>;

/** What a server tells a document's state by. */
const validators = { etag: z.string().optional(), lastModified: z.string().optional() };

/** plans/…: a batch's fixed decision. */
export const planRecord = kept({
  feed: z.string(),
  batch: z.string(),
  ...writer,
  /** Folder of the batch record, `yyyy/mm/dd`: the window's start, or the landed object's LastModified. */
  date: z.string(),
  /** When the plan was made; for a landed object its LastModified. */
  observed: time,
  window: bounds.optional(),
  object: landedObject.optional(),
  definition: feed,
  /** The batch that the document was read for last, and what the server told it by: it is asked for only where it is another one. */
  known: kept({ batch: z.string(), ...validators }).optional(),
  /** What every range of the object needs of it: see shared/xml/ranges. */
  head: kept({ bytes: z.int(), depth: z.int(), tag: z.string() }).optional(),
  /** This plan is for expanding a compressed object, and is never sealed: a plan that reads its ranges follows. */
  expands: z.boolean().optional(),
  /** The document that a compressed object was expanded to, in order: its ranges are read of it, and not of the object. */
  expanded: z.array(piece).optional(),
  /** What the batch should be looked at for, whatever its steps find. */
  warnings: z.array(z.string()).max(MAX_WARNINGS).optional(),
  slices: z.array(slice).max(200),
});
export type PlanRecord = z.infer<typeof planRecord>;

export const part = kept({ key: z.string(), bytes: z.int(), rows: z.int() });
export type Part = z.infer<typeof part>;

const tableParts = kept({ rows: z.int(), parts: z.array(part) });

/** What a step or a batch found, besides rows. */
const counts = {
  records: z.int(),
  /** Rows whose cursor lies outside `[from - lookback, to)`, dropped. */
  outside: z.int(),
  rejects: tableParts,
  /** Bytes of XML read, after decompression. */
  bytes: z.int(),
  /** Largest cursor seen, as it is written to CSV. */
  largestCursor: z.string().optional(),
};

/** Where a step starts; null is the slice's own start, or its end. */
const continuation = z
  .strictObject({
    url: z.string(),
    /** Of a POST. */
    body: z.string().optional(),
    /** 0 is the start of a partition, which has no URL here. */
    page: z.int(),
    /** Which of the slice's partitions; absent is the first. */
    partition: z.int().optional(),
    /** Records of the slice's pages so far, where paging counts them. */
    records: z.int().optional(),
  })
  .nullable();

/** slices/…: one durable stretch of a slice. */
export const stepRecord = kept({
  ...writer,
  /** When it was published: its continuation is followed for a short time only. */
  at: time,
  tables: z.record(z.string(), tableParts),
  ...counts,
  /** Of those outside, how many lie before the window; absent in records of before it was kept. */
  older: z.int().optional(),
  /** Child rows that went with a rejected row, and are no rejects; absent where there are none, and in records of before they were counted. */
  orphans: z.int().optional(),
  pages: z.int(),
  /** Places and reasons of the first rejects, and of each table's first, for messages. */
  firstRejects: z.array(z.string()),
  /** Rejects by table; tables without any are left out. Absent in records of before it was kept. */
  rejected: z.record(z.string(), z.int()).optional(),
  /** `table.column` whose value, or want of one, rejected rows. Absent in records of before it was kept. */
  rejectedBy: z.array(z.string()).optional(),
  /** `table.column` whose path matched at least once, and, since `rejected` is kept, `table` whose rows did. */
  matched: z.array(z.string()),
  /** A page had as many records as its request asked for, and said nothing of another. */
  isFull: z.boolean().optional(),
  /** What its documents should be looked at for; steps of earlier releases have none. */
  warnings: z.array(z.string()).max(MAX_WARNINGS).default([]),
  /** What the documents have instead of what matched nothing, by table or `table.column`. */
  nearest: z.record(z.string(), z.string()).optional(),
  /** Of tables whose rows matched nothing, the path that differs from theirs by spelling or namespace alone. */
  respelt: z.record(z.string(), z.string()).optional(),
  /** Of the document, where a later request may name them. */
  validators: kept(validators).optional(),
  /** Where the next step starts; null says that the slice is complete. */
  continuation,
  /**
   * Of a range: the byte that it was read from, and the one that the next has to be read from; null where a guessed start led
   * nowhere. It counts only when the range before it ends at its start.
   */
  range: kept({ start: z.int(), end: z.int().nullable() }).optional(),
  /** Of a plan that expands: what this step added to the document. */
  piece: piece.optional(),
});
export type StepRecord = z.infer<typeof stepRecord>;

/** batches/…: the seal. The batch exists from its put on, and the put triggers the loader. */
export const batchRecord = kept({
  feed: z.string(),
  batch: z.string(),
  /** Its identity, the invocation that sealed it: the ledger holds (feed, batch, seal). */
  seal: invocation,
  observed: time,
  /** By the clock of who sealed it: S3 tells whole seconds. */
  sealedAt: time.optional(),
  window: bounds.optional(),
  object: landedObject.optional(),
  contract,
  tables: z.record(z.string(), tableParts),
  ...counts,
  warnings: z.array(z.string()),
  correlation: z.string(),
  traceId: z.string().optional(),
  /** What the server told the one document of the batch by, and the feed's definition that it was read under. */
  validators: kept({ definition: z.string(), ...validators }).optional(),
});
export type BatchRecord = z.infer<typeof batchRecord>;

/** unchanged/…: in place of a batch, since the document is that of the batch before. */
export const unchangedRecord = kept({
  invocation,
  at: time,
  /** The newest batch that has it. */
  since: z.string(),
  /** Hash of the feed's definition that both go by. */
  definition: z.string(),
});
export type UnchangedRecord = z.infer<typeof unchangedRecord>;

/** pending/<feed>/<batch>: put before sealing; where the batch's record is, or will be. */
export const pendingRecord = kept({
  invocation,
  key: z.string(),
  /** When it was put, just before the seal, and the bytes of the batch's part files: so a feed's cadence need not read batches. */
  at: time.optional(),
  bytes: z.int().optional(),
});
export type PendingRecord = z.infer<typeof pendingRecord>;

/** loads/….json: the batches that one transaction applies. */
export const loadRecord = kept({
  feed: z.string(),
  load: z.int(),
  ...writer,
  /** The execution that planned it, and that submits it, however often it has to begin. */
  execution: z.string(),
  contract,
  batches: z.array(kept({ batch: z.string(), key: z.string(), seal: z.string() })).min(1),
  /** Batches of a load that failed, among which its fault lies: this load has a part of them. */
  suspects: z.array(z.string()).optional(),
  /** Of a feed with a cadence: the loads after this one go on at once until all that was sealed by then is loaded. */
  sealedUntil: time.optional(),
  /** When the first of the loads was planned that this one follows without a pause; of the first it is not kept. */
  burstFrom: time.optional(),
  counts: batchCounts.optional(),
  plannedAt: time,
});
export type LoadRecord = z.infer<typeof loadRecord>;

/** loads/…/submitted-….json: one try of a load is with the warehouse. */
export const submissionRecord = kept({ ...writer, statementId: z.string(), submittedAt: time });
export type SubmissionRecord = z.infer<typeof submissionRecord>;

/** loads/…/settled.json: the load is over; the feed's next one may start. */
export const settledRecord = kept({
  ...writer,
  /** isolate: an error of no known batch, so that the next load takes half of these. */
  outcome: z.enum(['loaded', 'parked', 'isolate']),
  /** Of one that was loaded: what was sealed until then came while it was under way. */
  settledAt: time.optional(),
  parked: z.array(z.string()),
  error: kept({ name: z.string(), message: z.string() }).optional(),
});
export type SettledRecord = z.infer<typeof settledRecord>;

/** parked/…: set aside for a person. */
export const parkedRecord = kept({
  feed: z.string(),
  batch: z.string(),
  ...writer,
  /** The state that gave up. */
  state: z.string(),
  error: z.string(),
  message: z.string(),
  parkedAt: time,
});
export type ParkedRecord = z.infer<typeof parkedRecord>;

/** spool/….json: a page is to be spooled, since it alone takes longer than an execution. */
export const spoolRecord = kept({
  invocation,
  at: time,
  execution: z.string(),
  /** Where the step starts that the page is the first of. */
  continuation,
});

/** spool/…/spooled.json: what became of that. */
export const spooledRecord = kept({
  invocation,
  at: time,
  /** Absent where it failed. */
  page: kept({
    /** Where the answer came from in the end, without credentials. */
    url: z.string(),
    charset: z.string().optional(),
    /** Of the answer's headers, the one that leads to the next page. */
    link: z.string().optional(),
    body: piece,
  }).optional(),
  failure: kept({ error: z.string(), message: z.string() }).optional(),
});
export type SpooledRecord = z.infer<typeof spooledRecord>;

/** targets/…: the rules that a target's rows are kept by, since the first seal of rows for it. */
export const targetRecord = kept({ target: z.string(), rules: z.string(), feed: z.string(), invocation });

/** The records by the kind of their key; a manifest is Redshift's, staged files are CSV, pieces and spooled bodies XML. */
export const RECORDS = {
  plan: planRecord,
  step: stepRecord,
  stall: stallRecord,
  spool: spoolRecord,
  spooled: spooledRecord,
  refusal: refusalRecord,
  batch: batchRecord,
  unchanged: unchangedRecord,
  pending: pendingRecord,
  load: loadRecord,
  submission: submissionRecord,
  settled: settledRecord,
  parked: parkedRecord,
  lease: leaseRecord,
  waiting: leaseRecord,
  target: targetRecord,
  ...OPERATE_RECORDS,
} as const satisfies {
  readonly [Kind in Exclude<Key['kind'], 'staged' | 'piece' | 'spoolBody' | 'manifest'>]: z.ZodType;
};
