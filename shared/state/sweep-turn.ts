import { createHash } from 'node:crypto';

/** How often the sweep runs. */
export const SWEEP_MINUTES = 15;

/** Counts sweeps by their schedule's time: one for all executions of it, the next for the time after. */
export const toSweepNumber = (scheduledTime: string): number =>
  Math.floor(Date.parse(scheduledTime) / (SWEEP_MINUTES * 60_000));

/**
 * Sweeps until every name had its turn: 23 hours. That is less than a day, so that a turn comes at another hour each
 * day, and a machine that is up for one hour a day has given all turns in 23 days.
 */
export const TURNS = 92;

/** A number below `count`, the same for the same name, and spread evenly over names. */
export const spread = (name: string, count: number): number =>
  createHash('sha256').update(name).digest().readUInt32BE() % count;

/** Whether it is a name's turn in this sweep: what is too much for each sweep is done so, some of it in each. */
export const isTurnOf = (name: string, sweepNumber: number): boolean =>
  spread(name, TURNS) === sweepNumber % TURNS;

/** Whether a name had its turn in the sweeps after `since`, up to and with `upTo`. */
export const hadTurn = (name: string, since: number, upTo: number): boolean => {
  const last = upTo - ((((upTo - spread(name, TURNS)) % TURNS) + TURNS) % TURNS);
  return last > since;
};
