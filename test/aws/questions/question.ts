import type { Row } from '../../../handlers/ports/warehouse.ts';
import { execute, type Place, runBatch } from '../place.ts';

/** `yes`, or `no` and what was found in its place. */
export type Found = 'yes' | `no: ${string}`;

/** What no page of AWS's says, or pages say differently. */
export interface Question {
  readonly title: string;
  /** What Millrace has that rests on it, or does in its place; Markdown. */
  readonly rests: string;
  /** What Millrace goes by; where either answer does, the local warehouse's. */
  readonly answer: 'yes' | 'no';
  /** The local warehouse's, where it is another. @default the same */
  readonly local?: 'yes' | 'no' | 'cannot be asked';
  /** Undefined where the place has nobody to ask. */
  ask(place: Place): Promise<Found | undefined>;
}

/** Whether statements run in one transaction. */
export const runs = async (place: Place, statements: readonly string[]): Promise<Found> => {
  const { status, error } = await runBatch(place, statements);
  return status === 'finished' ? 'yes' : `no: ${status} with ${error}`;
};

/** Whether statements run in one transaction, after which a query answers these rows. */
export const leaves = async (
  place: Place,
  statements: readonly string[],
  query: string,
  rows: readonly Row[],
): Promise<Found> => {
  const found = await runs(place, statements);
  return found === 'yes' ? answers(place, query, rows) : found;
};

/** Whether a query answers these rows. */
export const answers = async (place: Place, query: string, rows: readonly Row[]): Promise<Found> => {
  const found = JSON.stringify(await execute(place.warehouse, query));
  return found === JSON.stringify(rows) ? 'yes' : `no: ${found}`;
};

/** Whether a call is answered. */
export const isAnswered = async (call: () => Promise<unknown>): Promise<Found> => {
  try {
    await call();
    return 'yes';
  } catch (error) {
    return `no: ${error instanceof Error ? error.message : error}`;
  }
};
