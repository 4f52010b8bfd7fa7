import type { Facts } from './facts.ts';
import type { Way } from './remedies/remedy.ts';
import type { Finding, Subject } from './subject.ts';

/** A state of a feed that a person is told of: once when the feed enters it, and once when it leaves it. */
export interface Need {
  /** Stands in keys. */
  readonly word: string;
  /** Of docs/runbook.md. */
  readonly heading: string;
  /** For people: the feed … */
  readonly says: string;
  /** The feed …, once that is over. */
  readonly over: string;
  /** cause: the feed brings nothing new for this reason. consequence: it brings nothing new, which is not told where a cause is. @default neither */
  readonly isOf?: 'cause' | 'consequence';
  find(facts: Facts): Finding | undefined;
  /** What to do: of the ways out one is taken. */
  ways(subject: Subject): readonly Way[];
}

/** What passes is told once it has lasted so long: the shortest outage that somebody should look at. */
export const PATIENCE_MS = 3_600_000;

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

/** `3 hours`: the largest unit of which there are two, rounded down. */
export const toAge = (ms: number): string => {
  const [unitMs, unit] = UNITS.find(([each]) => ms >= 2 * each) ?? [60_000, 'minute'];
  const count = Math.floor(ms / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};
