import { InvalidInput } from '../errors.ts';
import type { Feed } from './feed.ts';
import { parseDuration } from './units.ts';

/**
 * When sealed batches are loaded. A cadence is aligned to the clock, in UTC, so that all feeds of one cadence load in the same
 * minute and wake a warehouse once: `rate(…)` counts from when its schedule was made, `cron(…)` does not
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). So only what divides an hour or a day is allowed.
 */

/** Part files of one load, compressed: some 10 GiB of CSV, which one COPY takes in minutes. */
export const MAX_LOAD_BYTES = 1024 ** 3;

/** In the place of a duration: load as batches are sealed, also where the deployment has a cadence. */
export const EVERY_BATCH = 'batch';

const MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Every cadence with its schedule, ascending. */
const CADENCES: readonly { readonly text: string; readonly ms: number; readonly expression: string }[] = [
  ...MINUTES.map((n) => ({ text: `${n}m`, ms: n * MINUTE_MS, expression: `cron(0/${n} * * * ? *)` })),
  ...HOURS.map((n) => ({ text: `${n}h`, ms: n * HOUR_MS, expression: `cron(0 0/${n} * * ? *)` })),
  { text: '1d', ms: DAY_MS, expression: 'cron(0 0 * * ? *)' },
];

/** The durations that a cadence may have, as they are written. */
export const CADENCE_TEXTS: readonly string[] = CADENCES.map(({ text }) => text);

/** Milliseconds between the loads of a cadence, such as `5m`. Throws InvalidInput with the nearest that are allowed. */
export const parseCadence = (text: string): number => {
  const ms = parseDuration(text);
  if (CADENCES.some((cadence) => cadence.ms === ms)) return ms;
  const below = CADENCES.findLast((cadence) => cadence.ms < ms);
  const above = CADENCES.find((cadence) => cadence.ms > ms);
  const near = [below, above].flatMap((cadence) => cadence?.text ?? []).join(' or ');
  throw new InvalidInput(
    `got '${text}', allowed ${CADENCE_TEXTS.join(' ')}, which divide an hour or a day: write ${near}`,
  );
};

/** The schedule of a cadence that parseCadence gave. */
export const toCadenceExpression = (everyMs: number): string => {
  const cadence = CADENCES.find(({ ms }) => ms === everyMs);
  if (cadence === undefined) throw new InvalidInput(`got a cadence of ${everyMs} ms, which no schedule has`);
  return cadence.expression;
};

/** A feed with the cadence of its deployment, where there is one and the feed does not say its own. */
export const withCadence = (feed: Feed, everyMs: number | undefined): Feed => {
  const { load } = feed;
  if (everyMs === undefined || load?.everyMs !== undefined || load?.everyBatch === true) return feed;
  return { ...feed, load: { ...load, everyMs } };
};

/** What is known of a sealed batch before its record is read. */
export interface Waiting {
  /** Epoch milliseconds; absent in records of before it was kept, whose batches are due at once. */
  readonly sealedMs?: number | undefined;
  readonly bytes?: number | undefined;
}

/**
 * The time until which sealed batches are due, in epoch milliseconds: the newest time of the cadence, or now, where the
 * schedule itself asks or as many bytes wait as one load may hold. So whoever asks, and however late, gets the same: a
 * schedule that was lost is made good by the next seal or sweep.
 */
export const dueUntil = (
  everyMs: number,
  waiting: readonly Waiting[],
  { nowMs, maxBytes, isSchedule }: { nowMs: number; maxBytes: number; isSchedule: boolean },
): number => {
  const bytes = waiting.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  return isSchedule || bytes >= maxBytes ? nowMs : Math.floor(nowMs / everyMs) * everyMs;
};

/** Whether a batch is due, by what dueUntil gave. */
export const isDue = ({ sealedMs }: Waiting, untilMs: number): boolean =>
  sealedMs === undefined || sealedMs <= untilMs;
