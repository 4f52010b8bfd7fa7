import type { HttpSource } from '../../shared/model/feed.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import type { SliceValues } from '../../shared/source/slice-variables.ts';
import type { PlanRecord, Slice } from '../../shared/state/records.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source } from '../ports/source.ts';
import type { SlicePosition } from './slice-position.ts';
import type { Stopwatch } from './stopwatch.ts';

/** A step that reads pages, and what that takes. */

export interface ReadDeps {
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stopwatch: Stopwatch;
}

export interface PagedStep {
  readonly plan: PlanRecord;
  readonly http: HttpSource;
  readonly slice: Slice;
  readonly position: SlicePosition;
  readonly document: Pick<DocumentOptions, 'contract' | 'rowNumbers' | 'cursorBounds'>;
  /** Steps end at a page boundary by then, epoch milliseconds. */
  readonly deadlineMs: number;
}

/** What variables of its requests and values stand for. */
export const sliceValuesOf = ({ slice, plan }: PagedStep): SliceValues => ({
  feed: plan.definition,
  partition: slice.partition,
  ...(slice.window === undefined
    ? {}
    : { bounds: { fromMs: Date.parse(slice.window.from), toMs: Date.parse(slice.window.to) } }),
});
