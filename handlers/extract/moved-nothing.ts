import { OutOfTime, StepMovedNothing } from '../../shared/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { STEP_TIMES, type StepTimes } from './step-times.ts';

/** The error of a step that read one document and ended with the time: StepMovedNothing, told with its seconds, where that was a step's fair time. */
export const asMovedNothing = (
  error: unknown,
  startMs: number,
  { clock, times = STEP_TIMES }: { readonly clock: Clock; readonly times?: StepTimes | undefined },
  tell: (seconds: number) => string,
): unknown => {
  const tookMs = clock.now() - startMs;
  return error instanceof OutOfTime && tookMs >= times.fairMs
    ? new StepMovedNothing(tell(Math.round(tookMs / 1000)), { cause: error })
    : error;
};
