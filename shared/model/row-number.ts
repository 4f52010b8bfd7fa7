/** `_row`: the place of a row among those of its table in its batch, which the steps of its slices count apart. */

/** Steps of one restart of a slice, by the room that `_row` keeps for them. */
export const MAX_STEPS = 4_096;

/** Row numbers of one step. */
const ROWS_PER_STEP = 2 ** 32;

export interface RowPlace {
  readonly slice: number;
  readonly step: number;
  /** Of the table in this step, from 1, in document order. */
  readonly n: number;
}

/** `_row` is (slice * 4096 + step) * 2^32 + n: at most 2^52 with 200 slices, so exact in a double. */
export const toRowBase = ({ slice, step }: Omit<RowPlace, 'n'>): number =>
  (slice * MAX_STEPS + step) * ROWS_PER_STEP;

/** The inverse. */
export const parseRow = (row: number): RowPlace => {
  const steps = Math.floor(row / ROWS_PER_STEP);
  return { slice: Math.floor(steps / MAX_STEPS), step: steps % MAX_STEPS, n: row % ROWS_PER_STEP };
};
