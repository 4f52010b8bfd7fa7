import { type PlanName, type StepName, stepsPrefix } from '../../shared/state/keys.ts';
import type { PlanRecord, StepRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { planNameOf } from './plan-name.ts';
import { type RangedPlan, readChain } from './range-chain.ts';
import { readSteps } from './read-steps.ts';
import { lastSteps, parseStepNames, readFirstRestart } from './slice-position.ts';

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
  if (plan.head !== undefined) return collectRanges(records, { ...plan, head: plan.head });
  return collectSlices(
    records,
    planNameOf(plan),
    plan.slices.map(({ slice }) => slice),
  );
};

/** The same of slices that are known by their numbers. */
export const collectSlices = async (
  records: RecordStore,
  name: PlanName,
  slices: readonly number[],
): Promise<CollectedSteps | 'unfinished'> => {
  const firstRestart = await readFirstRestart(records, name);
  const { keys } = await records.list(stepsPrefix(name));
  const names = parseStepNames(keys).filter(({ restart }) => restart >= firstRestart);
  const steps = await readSteps(records, lastSteps(names));
  const complete = new Map<number, StepName>();
  for (const { name, step } of steps) {
    if (step.continuation === null && !complete.has(name.slice)) complete.set(name.slice, name);
  }
  if (slices.some((slice) => !complete.has(slice))) return 'unfinished';
  const counted = names.filter((name) => complete.get(name.slice)?.restart === name.restart);
  return {
    steps: (await readSteps(records, counted)).map(({ step }) => step),
    restart: Math.max(firstRestart, ...counted.map(({ restart }) => restart)),
  };
};

/** One step a range, when the chain reaches from the first to the last. */
const collectRanges = async (
  records: RecordStore,
  plan: RangedPlan,
): Promise<CollectedSteps | 'unfinished'> => {
  const { proven, firstRestart } = await readChain(records, plan);
  if (proven.length < plan.slices.length) return 'unfinished';
  const restarts = proven.map(({ name }) => name.restart);
  return { steps: proven.map(({ step }) => step), restart: Math.max(firstRestart, ...restarts) };
};
