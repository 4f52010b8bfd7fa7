import type { Window } from '../model/feed.ts';
import { compileTimeFormat } from '../values/time-format.ts';

/** Which range of the cursor a scheduled batch covers, and how it is cut into slices. */

/** Most slices of one batch: what one Map takes without its input growing over the payload limit. */
export const MAX_SLICES = 200;

/** Half-open, epoch milliseconds. */
export interface Bounds {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface NextWindow extends Bounds {
  /** What may be read by now; over `toMs` where the backlog takes several windows. */
  readonly untilMs: number;
  /** Tile the window in order: one slice each and partition. */
  readonly subWindows: readonly Bounds[];
}

export interface NextWindowInput {
  readonly window: Window;
  /** Where the newest sealed window ended; undefined before the first. */
  readonly sealedToMs?: number | undefined;
  /** The schedule's own time, never the clock. */
  readonly scheduledMs: number;
  /** The source's `Date` header; the window stays behind it. */
  readonly sourceClockMs?: number | undefined;
  /** How many slices each sub-window gives. */
  readonly partitions: number;
}

/** The first `count` bounds after `fromMs`, each a step on and cut down to the unit, the last one `endMs`. */
const cutPoints = (
  fromMs: number,
  endMs: number,
  stepMs: number,
  floor: (ms: number) => number,
  count: number,
) => {
  const points: number[] = [];
  for (let n = 1; points.length < count; n += 1) {
    const point = floor(fromMs + n * stepMs);
    if (point >= endMs) return [...points, endMs];
    points.push(point);
  }
  return points;
};

/**
 * The next window of a feed, or undefined when nothing lies before the schedule's time less the delay. Its bounds are
 * cut down to the format's unit, since the source sees no finer ones; the end of the sealed window is not, since a batch
 * is named by its start, and a start moved back over a sealed one would never move on. A backlog that takes more than
 * MAX_SLICES slices is cut: the rest is the window after this one. A step is never shorter than the unit (checked).
 */
export const nextWindow = (input: NextWindowInput): NextWindow | undefined => {
  const { window, sealedToMs, scheduledMs, sourceClockMs, partitions } = input;
  const { unitMs } = compileTimeFormat(window.format);
  const floor = (ms: number): number => Math.floor(ms / unitMs) * unitMs;
  const fromMs = sealedToMs ?? floor(window.startMs);
  const endMs = floor(Math.min(scheduledMs, sourceClockMs ?? scheduledMs) - window.delayMs);
  if (endMs <= fromMs) return undefined;
  const count = Math.max(1, Math.floor(MAX_SLICES / partitions));
  const points =
    window.stepMs === undefined ? [endMs] : cutPoints(fromMs, endMs, window.stepMs, floor, count);
  const subWindows = points.map((toMs, index) => ({ fromMs: points[index - 1] ?? fromMs, toMs }));
  return { fromMs, toMs: points.at(-1) ?? endMs, untilMs: endMs, subWindows };
};
