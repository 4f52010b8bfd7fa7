import { type StepName, stepsPrefix, toKey } from '../../shared/keys.ts';
import { type PlanRecord, type StepRecord, stepRecord } from '../../shared/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';
import { lastSteps, parseStepNames } from './slice-position.ts';

/** Steps read at once: S3 gives 5,500 a second and prefix, sockets are 50. */
const READ_AT_ONCE = 32;

/** The steps of every slice's first complete restart, in order; `unfinished` while a slice has none. */
export const collectSteps = async (
  records: RecordStore,
  plan: PlanRecord,
): Promise<readonly StepRecord[] | 'unfinished'> => {
  const { feed, batch, definition } = plan;
  const { keys } = await records.list(stepsPrefix({ feed, batch, contract: definition.contract.hash }));
  const names = parseStepNames(keys);
  const steps = await readSteps(records, lastSteps(names));
  const complete = new Map<number, StepName>();
  for (const { name, step } of steps) {
    if (step.continuation === null && !complete.has(name.slice)) complete.set(name.slice, name);
  }
  if (plan.slices.some(({ slice }) => !complete.has(slice))) return 'unfinished';
  const counted = names.filter((name) => complete.get(name.slice)?.restart === name.restart);
  return (await readSteps(records, counted)).map(({ step }) => step);
};

const readSteps = async (records: RecordStore, names: readonly StepName[]) => {
  const steps: { readonly name: StepName; readonly step: StepRecord }[] = [];
  for (let i = 0; i < names.length; i += READ_AT_ONCE) {
    const some = names.slice(i, i + READ_AT_ONCE).map(async (name) => {
      const key = toKey({ kind: 'step', ...name });
      return { name, step: await readKnownRecord(records, key, stepRecord) };
    });
    steps.push(...(await Promise.all(some)));
  }
  return steps;
};
