import { classifyError } from '../../shared/sql/classify-error.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { type Load, readSubmission } from './load-records.ts';

/** Tries in a row that an error gets that nobody knows, before it counts as one of the load's data. */
const UNKNOWN_TRIES = 3;

/**
 * Whether the tries before this one, whose error nobody knows, ended in such errors too. Tries that an outage took count for nothing, else the first
 * such error after it would park a batch. What the warehouse has forgotten, after 24 hours, counts for nothing either.
 */
export const hasTriedUnknown = async (
  { name }: Load,
  number: number,
  { records, warehouse }: { readonly records: RecordStore; readonly warehouse: Pick<Warehouse, 'describe'> },
): Promise<boolean> => {
  for (let before = number - 1; before > number - UNKNOWN_TRIES; before -= 1) {
    const submitted = before < 1 ? undefined : await readSubmission(records, name, before);
    const state = submitted === undefined ? undefined : await warehouse.describe(submitted.statementId);
    if (state?.status !== 'failed' || classifyError(state.error).kind !== 'unknown') return false;
  }
  return true;
};
