/**
 * `all` tries every document, history and order that a property asks for, as CI does, and a number so many times as much; without it, a
 * quarter.
 */
const ROUNDS = process.env.MILLRACE_ROUNDS;
const TIMES = ROUNDS === 'all' ? 1 : Number(ROUNDS ?? 0);
const FEW = 10;

/** How often a property is tried here, of so many times that are worth it. */
export const rounds = (all: number): number =>
  TIMES > 0 ? all * TIMES : Math.max(Math.ceil(all / 4), Math.min(all, FEW));
