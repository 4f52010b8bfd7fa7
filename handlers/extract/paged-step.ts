import type { Redactor } from '../../shared/redact/redactor.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, SourceResponse } from '../ports/source.ts';
import type { PagesOf } from './page-requests.ts';
import type { SlicePosition } from './slice-position.ts';
import type { StepTimes } from './step-times.ts';
import type { Stopwatch } from './stopwatch.ts';

/** A step that reads pages, and what that takes. */

export interface ReadDeps {
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stopwatch: Stopwatch;
  /** @default STEP_TIMES */
  readonly times?: StepTimes | undefined;
}

export interface PagedStep extends PagesOf {
  readonly position: SlicePosition;
  readonly document: Pick<DocumentOptions, 'contract' | 'rowNumbers' | 'cursorBounds'>;
  /** Steps end at a page boundary by then, epoch milliseconds. */
  readonly deadlineMs: number;
  /** The answer to the step's first request, where that was spooled. */
  readonly spooled?: (() => Promise<SourceResponse>) | undefined;
}
