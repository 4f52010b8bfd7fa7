import type { LandedObject, Piece, PlanRecord, Slice } from '../../shared/state/records.ts';

/** What a plan is going to fix about a batch, besides the feed's definition. */
export interface BatchOutline {
  readonly batch: string;
  /** Folder of the batch record, `yyyy/mm/dd`. */
  readonly date: string;
  /** When the plan was made, where that is not now: before the first request that decides anything. */
  readonly observed?: string;
  readonly window?: NonNullable<PlanRecord['window']>;
  /** How far this execution may read, over as many windows as it takes. */
  readonly until?: string;
  readonly object?: LandedObject;
  readonly head?: NonNullable<PlanRecord['head']>;
  readonly expands?: true;
  readonly expanded?: Piece[];
  readonly warnings?: NonNullable<PlanRecord['warnings']>;
  readonly known?: NonNullable<PlanRecord['known']>;
  readonly slices: readonly Slice[];
}

/** Nothing to do, and why. */
export interface Idle {
  readonly outcome: 'idle';
  readonly feed: string;
  readonly reason: string;
}

/** Says that there is nothing to do. */
export const idle = (feed: string, reason: string): Idle => ({ outcome: 'idle', feed, reason });
