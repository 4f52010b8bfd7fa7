import * as z from 'zod';
import { asking } from '../attention/asking.ts';
import { kept } from '../model/kept.ts';

/** The records of what a person is told of feeds, and of what is told that no other record has. */

const invocation = z.string();
const time = z.iso.datetime({ precision: 3 });

/** How far a pass over a feed's landed objects is, that takes several sweeps. */
export const landedPass = kept({
  /** The key that it has come to; absent where it is over. */
  after: z.string().optional(),
  /** Numbers of sweeps: the one that it began in, and the one that the pass before it began in. */
  began: z.int(),
  since: z.int(),
  /** It asks for landed files of whatever age: some wait for their tables, which may have been made anew. */
  isAll: z.boolean().optional(),
});
export type LandedPass = z.infer<typeof landedPass>;

/** marks/…: something was seen of a feed; the mark's name says what, and of which day. */
export const markRecord = kept({
  invocation,
  at: time,
  batch: z.string().optional(),
  /** What it is about, where that is a table and no batch. */
  table: z.string().optional(),
  message: z.string(),
  landed: landedPass.optional(),
});

/** attention/…: a feed is in a state that a person is told of, and how far the telling is; only `entered` has what is told. */
export const attentionRecord = kept({
  invocation,
  at: time,
  since: time.optional(),
  batch: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  /** More batches are in the state than the one that is named. */
  hasOthers: z.boolean().optional(),
  /** The range that the batch was asked for with. */
  asked: asking.optional(),
  /** The range by which what a parked batch has is read again. */
  again: asking.optional(),
});
export type AttentionRecord = z.infer<typeof attentionRecord>;

export const ATTENTION_RECORDS = { mark: markRecord, attention: attentionRecord } as const;
