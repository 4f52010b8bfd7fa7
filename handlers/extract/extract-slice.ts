import { OutOfTime, SliceStuck, SourceBusy, StepMovedNothing } from '../../shared/errors.ts';
import { type PlanName, type StallName, type StepName, toKey } from '../../shared/state/keys.ts';
import type { ExtractSliceInput, ExtractSliceOutput } from '../../shared/state/messages.ts';
import { type PlanRecord, planRecord } from '../../shared/state/records.ts';
import { stallRecord } from '../../shared/state/restart-records.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { extractStep } from './extract-step.ts';
import { findSlice } from './partition.ts';
import { planNameOf } from './plan-name.ts';
import { type DueRange, findDueRange } from './range-chain.ts';
import { PageOutlastsStep } from './read-pages.ts';
import { readPosition, type SlicePosition } from './slice-position.ts';
import { askForSpool, readSpool, type Spool } from './spool.ts';
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
    const at = { plan, ...due, execution: thread.execution };
    const spool = await findSpool(at, deps);
    if (spool.state === 'asked') return toSpooling(slice, spool, thread.execution);
    if (deps.clock.now() >= deadlineMs) return { slice, outcome: hasMoved ? 'partial' : 'late' };
    try {
      const item = findSlice(plan, due.slice);
      const spooled = spool.state === 'there' ? spool.page : undefined;
      const input = { plan, slice: item, position: due.position, deadlineMs, spooled };
      const outcome = await extractStep(input, { ...deps, nextPart });
      // Overtaken: another invocation's step stands in this place: go on from there. A range may have another one to follow.
      const isDone = (outcome === 'complete' && plan.head === undefined) || outcome === 'unchanged';
      if (isDone) return { slice, outcome: 'complete' };
      if (outcome === 'partial') return { slice, outcome };
    } catch (error) {
      if (hasMoved && hasLittleTime(error)) return { slice, outcome: 'partial' };
      return { slice, ...(await answerError(error, at, spool, deps)) };
    }
  }
};

/** Copies of one page that were asked for and are gone, or never came: then its slice is stuck. */
const MOST_ASKS = 3;

/** Where a slice of a plan stands, and who works on it. */
interface At extends DueRange {
  readonly plan: PlanRecord;
  readonly execution: string;
}

/** Whether a step had no time left, or no turn at the source: after steps that moved, the next execution goes on. */
const hasLittleTime = (error: unknown): boolean =>
  error instanceof OutOfTime || error instanceof StepMovedNothing || error instanceof SourceBusy;

/** What an error of an invocation's first step leaves to do: nothing now, a page to be copied, or the error itself. */
const answerError = async (
  error: unknown,
  at: At,
  spool: Spool,
  deps: ExtractSliceDeps,
): Promise<Omit<ExtractSliceOutput, 'slice'>> => {
  const { plan, slice, position, execution } = at;
  if (error instanceof SourceBusy && (await hasLeft(position, slice, planNameOf(plan), deps))) {
    return { outcome: 'partial' };
  }
  if (!(error instanceof StepMovedNothing)) throw error;
  if (!(error instanceof PageOutlastsStep)) {
    const stall = { ...planNameOf(plan), slice, step: position.step };
    throw await noteStall(stall, execution, error, deps);
  }
  if (spool.state !== 'none' || spool.asks >= MOST_ASKS) throw toStuck(error, spool);
  const asking = { ...deps, execution, nowMs: deps.clock.now() };
  const asked = await askForSpool(stepNameOf(at), position.continuation, asking);
  return toSpooling(slice, asked, execution);
};

/** The page takes too long for a step, and there is no copy of it. */
const toStuck = (error: PageOutlastsStep, spool: Spool): SliceStuck => {
  const why =
    spool.state === 'failed'
      ? `its copy failed by ${spool.failure.error}: ${spool.failure.message}`
      : `its copy was asked for ${MOST_ASKS} times and is not there`;
  return new SliceStuck(`${error.message}; ${why}`, { cause: error });
};

const stepNameOf = ({ plan, slice, position: { restart, step } }: At): StepName => ({
  ...planNameOf(plan),
  slice,
  restart,
  step,
});

/** What is known of a copy of the step's first page: one LIST a step. */
const findSpool = async (at: At, { records, clock }: ExtractSliceDeps): Promise<Spool> =>
  at.plan.definition.source.kind === 'http'
    ? readSpool(records, stepNameOf(at), clock.now())
    : { state: 'none', asks: 0 };

/** The execution that asked for a copy starts it. */
const toSpooling = (
  slice: number,
  asked: { readonly key: string; readonly execution: string },
  execution: string,
): ExtractSliceOutput => ({
  slice,
  outcome: 'spooling',
  ...(asked.execution === execution ? { spool: asked.key } : {}),
});

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

const countUp = (): (() => number) => {
  let n = 0;
  return () => n++;
};
