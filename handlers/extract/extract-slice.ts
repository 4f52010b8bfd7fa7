import { InvalidInput, OutOfTime, SliceStuck, SourceBusy, StepMovedNothing } from '../../shared/errors.ts';
import { type PlanName, type StallName, toKey } from '../../shared/state/keys.ts';
import type { ExtractSliceInput, ExtractSliceOutput } from '../../shared/state/messages.ts';
import { type PlanRecord, planRecord, type Slice, stallRecord } from '../../shared/state/records.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { extractStep } from './extract-step.ts';
import { planNameOf } from './plan-name.ts';
import { type DueRange, findDueRange } from './range-chain.ts';
import { readPosition, type SlicePosition } from './slice-position.ts';
import type { ExtractSliceDeps } from './step-deps.ts';

/** Works on one slice, step by step, until it is complete or the execution's deadline. */
export const extractSlice = async (
  { thread, slice }: ExtractSliceInput,
  deps: ExtractSliceDeps,
): Promise<ExtractSliceOutput> => {
  const plan = await readKnownRecord(deps.records, thread.planKey, planRecord);
  const deadlineMs = Date.parse(thread.deadline);
  const nextPart = countUp();

  for (let hasMoved = false; ; hasMoved = true) {
    const due = await findDue(plan, slice, deps);
    if (due === 'complete') return { slice, outcome: 'complete' };
    if (deps.clock.now() >= deadlineMs) return { slice, outcome: hasMoved ? 'partial' : 'late' };
    const { position } = due;
    try {
      const item = findSlice(plan, due.slice);
      const outcome = await extractStep({ plan, slice: item, position, deadlineMs }, { ...deps, nextPart });
      // Overtaken: another invocation's step stands in this place: go on from there. A range may have another one to follow.
      const isDone = outcome === 'complete' && plan.head === undefined;
      if (isDone || outcome === 'partial') return { slice, outcome };
    } catch (error) {
      const isOutOfTime = error instanceof OutOfTime || error instanceof StepMovedNothing;
      if (isOutOfTime && hasMoved) return { slice, outcome: 'partial' };
      if (error instanceof SourceBusy) {
        if (hasMoved || (await hasLeft(position, due.slice, planNameOf(plan), deps)))
          return { slice, outcome: 'partial' };
        throw error;
      }
      if (!(error instanceof StepMovedNothing)) throw error;
      const stall = { ...planNameOf(plan), slice: due.slice, step: position.step };
      throw await noteStall(stall, thread.execution, error, deps);
    }
  }
};

/** The slice to work on, which is another than the own only among ranges, and where it stands. */
const findDue = async (
  plan: PlanRecord,
  slice: number,
  deps: ExtractSliceDeps,
): Promise<DueRange | 'complete'> => {
  if (plan.head !== undefined) return findDueRange(deps, { ...plan, head: plan.head }, slice);
  const position = await readPosition(deps.records, planNameOf(plan), slice, deps.clock.now());
  return position === 'complete' ? position : { slice, position };
};

/** Whether a step was published that ended in an error, so that its slice stands further on. */
const hasLeft = async (
  from: SlicePosition,
  slice: number,
  plan: PlanName,
  { records, clock }: ExtractSliceDeps,
): Promise<boolean> => {
  const now = await readPosition(records, plan, slice, clock.now());
  return now === 'complete' || now.restart !== from.restart || now.step !== from.step;
};

/** The first time that a step moves nothing is noted; in another execution the slice is stuck. */
const noteStall = async (
  step: StallName,
  execution: string,
  error: StepMovedNothing,
  { records, invocation }: ExtractSliceDeps,
): Promise<StepMovedNothing | SliceStuck> => {
  const stall = await putRecord(
    records,
    toKey({ kind: 'stall', ...step }),
    { invocation, execution },
    stallRecord,
  );
  if (stall.execution === execution) return error;
  return new SliceStuck(`${error.message}; so it had in execution ${stall.execution}`, { cause: error });
};

const findSlice = (plan: PlanRecord, number: number): Slice => {
  const item = plan.slices.find(({ slice }) => slice === number);
  if (item !== undefined) return item;
  throw new InvalidInput(
    `slice ${number} is not in the plan of ${plan.batch}, which has ${plan.slices.length}`,
  );
};

const countUp = (): (() => number) => {
  let n = 0;
  return () => n++;
};
