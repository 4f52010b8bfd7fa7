import * as z from 'zod';
import { toStamp } from './keys.ts';

/** A range that is read beside the live feed: what a person asked for, as events and records carry it. */

/** Of a request: the same for the same question, so that one that is typed twice is one. */
export const REQUEST = /^[0-9a-f]{12}$/;

const time = z.iso.datetime({ precision: 3 });

export const backfill = z.strictObject({
  request: z.string().regex(REQUEST),
  /** Of the cursor, half-open; of a feed of landed files, of the time that they landed. */
  from: time,
  to: time,
  /** When it was asked for first. */
  asked: time,
  /** Name of the one partition that is read. @default all */
  partition: z.string().optional(),
  /** The table of which a rebuild was asked for: all is read into tables beside the feed's, which take their place then. */
  rebuilds: z.string().optional(),
});
export type Backfill = z.infer<typeof backfill>;

/** What of a record events carry. */
export const toBackfill = ({ request, from, to, asked, partition, rebuilds }: Backfill): Backfill => ({
  ...{ request, from, to, asked },
  ...(partition === undefined ? {} : { partition }),
  ...(rebuilds === undefined ? {} : { rebuilds }),
});

/** The batch of one stretch of a range. */
export const backfillBatch = (request: string, { fromMs, toMs }: { fromMs: number; toMs: number }): string =>
  `${backfillPrefix(request)}${toStamp(fromMs)}-${toStamp(toMs)}`;

/** What the names of a request's batches begin with, where it reads windows. */
export const backfillPrefix = (request: string): string => `b-${request}-`;

/**
 * The batch of a landed object that is read again. At one time of landing the later name wins: so it is sorted behind the batch that it
 * repeats, and behind all that were asked for before it.
 */
export const repeatedBatch = (batch: string, { asked }: Pick<Backfill, 'asked'>): string =>
  `${batch}-${toStamp(Date.parse(asked))}`;

/** Whether a batch is a part of a range. */
export const isOfRange = (batch: string, { request, asked }: Pick<Backfill, 'request' | 'asked'>): boolean =>
  batch.startsWith(backfillPrefix(request)) ||
  (batch.startsWith('f-') && batch.endsWith(`-${toStamp(Date.parse(asked))}`));

/** The batch that gives the tables of a rebuild the names of the feed's, by how far these hold the feed. */
export const swapBatch = (request: string, toMs: number): string =>
  `${backfillPrefix(request)}swap-${toStamp(toMs)}`;
