/**
 * `all` tries every document, history and order that a property asks for, and a number so many times as much: half in CI, a quarter
 * where nothing is said, more on a machine that has hours to give.
 */
const ROUNDS = process.env.MILLRACE_ROUNDS;
const TIMES = ROUNDS === 'all' ? 1 : Number(ROUNDS ?? 0.25);
const FEW = 10;

/** How often a property is tried here, of so many times that are worth it. */
export const rounds = (all: number): number => Math.max(Math.ceil(all * TIMES), Math.min(all, FEW));
