import { type StepName, stepsPrefix, toKey } from '../../shared/state/keys.ts';
import { type PlanRecord, type StepRecord, stepRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';
import { planNameOf } from './plan-name.ts';
import { lastSteps, parseStepNames, readFirstRestart } from './slice-position.ts';

/** Steps read at once: S3 gives 5,500 a second and prefix, sockets are 50. */
const READ_AT_ONCE = 32;

export interface CollectedSteps {
  readonly steps: readonly StepRecord[];
  /** The highest restart that any slice's steps are of. */
  readonly restart: number;
}

/** The steps of every slice's first complete restart that counts, in order; `unfinished` while a slice has none. */
export const collectSteps = async (
  records: RecordStore,
  plan: PlanRecord,
): Promise<CollectedSteps | 'unfinished'> => {
  const name = planNameOf(plan);
  const firstRestart = await readFirstRestart(records, name);
  const { keys } = await records.list(stepsPrefix(name));
  const names = parseStepNames(keys).filter(({ restart }) => restart >= firstRestart);
  const steps = await readSteps(records, lastSteps(names));
  const complete = new Map<number, StepName>();
  for (const { name, step } of steps) {
    if (step.continuation === null && !complete.has(name.slice)) complete.set(name.slice, name);
  }
  if (plan.slices.some(({ slice }) => !complete.has(slice))) return 'unfinished';
  const counted = names.filter((name) => complete.get(name.slice)?.restart === name.restart);
  return {
    steps: (await readSteps(records, counted)).map(({ step }) => step),
    restart: Math.max(firstRestart, ...counted.map(({ restart }) => restart)),
  };
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
