import type { Asking } from './asking.ts';

/** Why a feed needs a person. */
export interface Finding {
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly batch?: string | undefined;
  /** The error's name, where one stands behind it. */
  readonly error?: string | undefined;
  readonly cause: string;
  /** More batches than the one that is named are in this state, which one command takes up with it. */
  readonly hasOthers?: boolean | undefined;
  /** The range that the batch was asked for with, where that is not read to its end. */
  readonly asked?: Asking | undefined;
  /** The range by which what a parked batch has is read again, where its part files are at fault. */
  readonly again?: Asking | undefined;
}

/** What a command is about. */
export interface Subject extends Pick<Finding, 'batch' | 'error' | 'asked' | 'again' | 'hasOthers'> {
  readonly feed: string;
  readonly cause?: string | undefined;
}
