import type { Feed } from '../model/feed.ts';
import { parseExpression, type Timing } from './expression.ts';

/** How long a feed may bring nothing before it counts as stale. */

/** Schedules that may bring nothing: one that failed is made good by the next, and that one may take its time. */
const SCHEDULES = 3;

/** Any Thursday: the lengths of weeks and months after it are those of all others, nearly. */
const ORIGIN_MS = Date.parse('2026-01-01T00:00:00Z');

/** Times of one schedule that are looked at one after the other: of a daily one more than a year. */
const MOST_TIMES = 400;

/** A schedule that fires more often than that rests at night or at weekends: it is looked at from each of these hours of two weeks. */
const PROBE_MS = 6 * 3_600_000;
const PROBES = 60;

/** The feed with the age by which it is stale, where its file does not say it: three times of its schedule. One that fires once has none. */
export const withStaleAfter = (feed: Feed): Feed => {
  if (feed.alerts?.staleAfterMs !== undefined || feed.schedule === undefined) return feed;
  const { expression, timezone = 'Etc/UTC' } = feed.schedule;
  const staleAfterMs = longestSpan(parseExpression(expression, timezone));
  return staleAfterMs === undefined ? feed : { ...feed, alerts: { ...feed.alerts, staleAfterMs } };
};

/** The longest time from one firing, or from any hour, to the third one after it; undefined where there are fewer. */
const longestSpan = (timing: Timing): number | undefined => {
  const next = (after: number): number | undefined => timing.next(after, ORIGIN_MS);
  const times: number[] = [];
  for (let at = next(ORIGIN_MS); at !== undefined && times.length < MOST_TIMES; at = next(at)) times.push(at);
  const spans = times.map((at, index) => (times[index + SCHEDULES] ?? at) - at);
  const last = times.at(-1) ?? ORIGIN_MS;
  const probes = Array.from({ length: PROBES }, (_, index) => ORIGIN_MS + index * PROBE_MS);
  for (const probe of probes.filter((at) => at > last)) spans.push((third(probe, next) ?? probe) - probe);
  const longest = Math.max(0, ...spans);
  return longest === 0 ? undefined : longest;
};

const third = (probe: number, next: (after: number) => number | undefined): number | undefined => {
  let at: number | undefined = probe;
  for (let n = 0; n < SCHEDULES && at !== undefined; n += 1) at = next(at);
  return at;
};
