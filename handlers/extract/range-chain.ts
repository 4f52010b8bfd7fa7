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

/** A range to read, and where it stands. */
export interface DueRange {
  readonly slice: number;
  readonly position: SlicePosition;
}

/**
 * What an invocation that was started for a range has to do: first this range, from a guess unless its start is known. Then, where the range
 * behind the proven ones began at a wrong place, that one, and the next such. It is taken by the invocation of its own, by the one that proved
 * its start and by the one that read such a range last, not by all that look.
 */
export const findDueRange = async (
  { records, invocation }: { readonly records: RecordStore; readonly invocation: string },
  plan: RangedPlan,
  own: number,
): Promise<DueRange | 'complete'> => {
  const { proven, next, firstRestart, steps } = await readChain(records, plan);
  const lastOf = (slice: number) => steps.findLast(({ name }) => name.slice === slice);
  const front = plan.slices[proven.length]?.slice;
  const slice = lastOf(own) === undefined ? own : front;
  if (slice === undefined) return 'complete';
  const last = lastOf(slice);
  const repairer = proven.findLast(({ name }) => name.restart > firstRestart);
  const makers = [proven.at(-1), repairer].map((link) => link?.step.invocation);
  const isOurs = slice === own || (last !== undefined && makers.includes(invocation));
  if (!isOurs) return 'complete';
  const restart = last === undefined ? firstRestart : last.name.restart + 1;
  const start = slice === front ? { start: next } : {};
  return { slice, position: { restart, step: 0, continuation: null, hasStalled: false, ...start } };
};
