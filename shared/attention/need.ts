import type { Asking } from './asking.ts';
import type { Facts } from './facts.ts';

/** Why a feed needs a person. */
export interface Finding {
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly batch?: string | undefined;
  /** The error's name, where one stands behind it. */
  readonly error?: string | undefined;
  readonly cause: string;
  /** More batches than the one that is named are in this state: one command is for all. */
  readonly hasOthers?: boolean | undefined;
  /** The range that the batch was asked for with, where that is not read to its end. */
  readonly asked?: Asking | undefined;
}

/** What a command is about. */
export interface Subject extends Pick<Finding, 'batch' | 'asked' | 'hasOthers'> {
  readonly feed: string;
}

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
  /** What to type, without the words that say which deployment is meant. */
  command(subject: Subject): string;
}

/** The command that tells a batch's whole story, or that of the newest ones. */
export const toLook = ({ feed, batch }: Subject): string =>
  batch === undefined ? `npx millrace runs ${feed} --since 7d` : `npx millrace batch ${batch} --feed ${feed}`;

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
