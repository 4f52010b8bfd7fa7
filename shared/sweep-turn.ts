/** How often the sweep runs. */
export const SWEEP_MINUTES = 15;

/** Counts sweeps by their schedule's time: one for all executions of it, the next for the time after. */
export const toSweepNumber = (scheduledTime: string): number =>
  Math.floor(Date.parse(scheduledTime) / (SWEEP_MINUTES * 60_000));
