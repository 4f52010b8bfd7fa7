import { type StepName, toKey } from '../../shared/state/keys.ts';
import { type StepRecord, stepRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';

/** Steps read at once: S3 gives 5,500 a second and prefix, sockets are 50. */
const READ_AT_ONCE = 32;

export interface NamedStep {
  readonly name: StepName;
  readonly step: StepRecord;
}

/** Reads steps that are there, in the order of their names. */
export const readSteps = async (
  records: RecordStore,
  names: readonly StepName[],
): Promise<readonly NamedStep[]> => {
  const steps: NamedStep[] = [];
  for (let i = 0; i < names.length; i += READ_AT_ONCE) {
    const some = names.slice(i, i + READ_AT_ONCE).map(async (name) => {
      const key = toKey({ kind: 'step', ...name });
      return { name, step: await readKnownRecord(records, key, stepRecord) };
    });
    steps.push(...(await Promise.all(some)));
  }
  return steps;
};
