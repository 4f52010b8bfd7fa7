import { stepsPrefix } from '../../shared/state/keys.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { planNameOf } from './plan-name.ts';
import { type NamedStep, readSteps } from './read-steps.ts';
import { parseStepNames, readFirstRestart, type SlicePosition } from './slice-position.ts';

/** A plan whose slices are ranges. */
export type RangedPlan = PlanRecord & { readonly head: NonNullable<PlanRecord['head']> };

/**
 * How the ranges of one object are joined. The first range starts where the first record does, and each range ends at a tag that its
 * parser saw between two records. So a range whose start is the end of a proven one is proven itself; what began elsewhere counts for nothing.
 */
interface RangeChain {
  /** One step of each range from the first on, as far as they are proven. */
  readonly proven: readonly NamedStep[];
  /** Where the range behind them has to start. */
  readonly next: number;
  readonly firstRestart: number;
  /** All steps that are there, in the order of their names. */
  readonly steps: readonly NamedStep[];
}

/** Follows the chain as far as it goes: two LISTs, and a GET for each step that was ever published. */
export const readChain = async (records: RecordStore, plan: RangedPlan): Promise<RangeChain> => {
  const name = planNameOf(plan);
  const firstRestart = await readFirstRestart(records, name);
  const { keys } = await records.list(stepsPrefix(name));
  const names = parseStepNames(keys).filter(({ restart }) => restart >= firstRestart);
  const steps = await readSteps(records, names);
  const proven: NamedStep[] = [];
  let next = plan.head.bytes;
  for (const { slice } of plan.slices) {
    const link = steps.find(
      ({ name, step }) => name.slice === slice && step.range?.start === next && step.range.end !== null,
    );
    const end = link?.step.range?.end ?? undefined;
    if (link === undefined || end === undefined) break;
    proven.push(link);
    next = end;
  }
  return { proven, next, firstRestart, steps };
};

/**
 * What is to be done of a range. The one behind the proven ones is read from where they end, unless it began there by itself; those
 * further on begin at a guess, once, and are done until the chain comes to them.
 */
export const readRangePosition = async (
  records: RecordStore,
  plan: RangedPlan,
  slice: number,
): Promise<SlicePosition | 'complete'> => {
  const { proven, next, firstRestart, steps } = await readChain(records, plan);
  const index = plan.slices.findIndex((item) => item.slice === slice);
  const last = steps.findLast(({ name }) => name.slice === slice);
  if (index < proven.length || (index > proven.length && last !== undefined)) return 'complete';
  const restart = last === undefined ? firstRestart : last.name.restart + 1;
  const start = index === proven.length ? { start: next } : {};
  return { restart, step: 0, continuation: null, hasStalled: false, ...start };
};
