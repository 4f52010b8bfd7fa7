import { GenerationLimitExceeded, InvalidInput } from '../../shared/errors.ts';
import { MAX_STEPS, toRowBase } from '../../shared/model/row-number.ts';
import { fileNameOf, toValueText, valueVariables } from '../../shared/source/value-variables.ts';
import type { PlanRecord, Slice, StepRecord } from '../../shared/state/records.ts';
import type { Span } from '../ports/tracer.ts';
import { withTimeLimit } from '../time-limit.ts';
import { toTraceMark } from '../trace-mark.ts';
import { expandObject } from './expand-object.ts';
import { NOTHING_READ, publishStep, type StepOutcome, type StepPlace } from './publish-step.ts';
import { readLanded } from './read-landed.ts';
import { ContinuationLost, type StepReading } from './read-pages.ts';
import { readPartitions } from './read-partitions.ts';
import { GuessLost, readRange } from './read-range.ts';
import type { SlicePosition } from './slice-position.ts';
import { openSpooled, type SpooledPage } from './spool.ts';
import { openStagedFiles, type StagedFiles } from './staged-files.ts';
import { toRecordCounts } from './step-counts.ts';
import type { StepDeps } from './step-deps.ts';
import { STEP_TIMES } from './step-times.ts';
import type { Stopwatch } from './stopwatch.ts';
import { tiled } from './tiled.ts';
import { noteUnchanged, Unchanged } from './unchanged.ts';

export interface StepInput {
  readonly plan: PlanRecord;
  readonly slice: Slice;
  readonly position: SlicePosition;
  readonly deadlineMs: number;
  /** The copy of its first page, where one was made. */
  readonly spooled?: SpooledPage | undefined;
}

/**
 * Reads one durable stretch of a slice and publishes it. On any error every upload is aborted, and nothing is
 * published that did not parse to a page's end.
 */
export const extractStep = async (input: StepInput, deps: StepDeps): Promise<StepOutcome> => {
  const { plan, slice, position } = input;
  const { feed, batch, expands } = plan;
  const annotations = { feed, batch, slice: slice.slice, invocation: deps.invocation };
  const run = () =>
    deps.tracer.capture(`step ${position.restart}-${position.step}`, annotations, (span) =>
      tiled(span, (stopwatch) =>
        expands === true ? runExpansion(input, stopwatch, deps) : runStep(input, { span, stopwatch }, deps),
      ),
    );
  if (position.continuation === null) return run();
  return run().catch((error: unknown) => {
    if (!(error instanceof ContinuationLost)) throw error;
    const again = { ...position, restart: position.restart + 1, step: 0, continuation: null };
    return extractStep({ ...input, position: again, spooled: undefined }, deps);
  });
};

/** What is told of a step in its trace. */
interface Told {
  readonly span: Span;
  readonly stopwatch: Stopwatch;
}

const runStep = async (input: StepInput, { span, stopwatch }: Told, deps: StepDeps): Promise<StepOutcome> => {
  const { plan, slice } = input;
  const { contract } = plan.definition;
  const name = { feed: plan.feed, batch: plan.batch, invocation: deps.invocation, slice: slice.slice };
  const files = openStagedFiles(contract, name, deps);
  try {
    const reading = await withTimeLimit(timeLimitOf(input, deps), (signal) =>
      read(input, files, stopwatch, { ...deps, signal }),
    );
    const staged = await stopwatch.time('upload', () => files.finish());
    const { counts, continuation, range, validators } = reading;
    const at = new Date(deps.clock.now()).toISOString();
    const rows = Object.fromEntries(Object.entries(staged.tables).map(([table, { rows }]) => [table, rows]));
    const counted = toRecordCounts(counts, plan.definition, rows);
    const record = {
      invocation: deps.invocation,
      ...toTraceMark(deps.tracer.traceId()),
      at,
      ...staged,
      ...counted,
      continuation,
      ...(range === undefined ? {} : { range }),
      ...(validators === undefined ? {} : { validators }),
    };
    const outcome = await stopwatch.time('publish', () =>
      publishStep(placeOf(input), record, reading.isCut, deps),
    );
    const { records: all, hardRecords, shapedRecords, bytes } = counts;
    span.annotate({ rows: files.written, bytes, hard: hardRecords, pages: counts.pages });
    deps.log?.info('step read', {
      slice: slice.slice,
      records: all,
      hard_records: hardRecords,
      shaped_records: shapedRecords,
      bytes,
    });
    if (reading.failure !== undefined && outcome !== 'overtaken') throw reading.failure;
    return outcome;
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    await stopwatch.time('upload', () => files.abort(cause));
    if (error instanceof Unchanged) return leaveUnchanged(plan, deps);
    if (error instanceof GuessLost) return publishStep(placeOf(input), toLost(error, deps), false, deps);
    throw error;
  }
};

const leaveUnchanged = async (
  plan: PlanRecord,
  { records, invocation, clock }: StepDeps,
): Promise<StepOutcome> => {
  await noteUnchanged(plan, invocation, new Date(clock.now()).toISOString(), records);
  return 'unchanged';
};

const placeOf = ({ plan, slice, position }: StepInput): StepPlace => ({ plan, slice: slice.slice, position });

/** Expands a compressed object, for a plan that does nothing else. */
const runExpansion = (input: StepInput, stopwatch: Stopwatch, deps: StepDeps): Promise<StepOutcome> =>
  withTimeLimit(timeLimitOf(input, deps), (signal) => expandObject(input, { ...deps, signal, stopwatch }));

const timeLimitOf = ({ deadlineMs }: StepInput, { clock, signal, times = STEP_TIMES }: StepDeps) => ({
  clock,
  atMs: deadlineMs + times.graceMs,
  outer: signal,
});

/** What is said of a range whose guess was wrong: the chain never counts it. */
const toLost = ({ start }: GuessLost, { invocation, clock }: StepDeps): StepRecord => ({
  ...NOTHING_READ,
  invocation,
  at: new Date(clock.now()).toISOString(),
  range: { start, end: null },
});

const read = (
  { plan, slice, position, deadlineMs, spooled }: StepInput,
  files: StagedFiles,
  stopwatch: Stopwatch,
  deps: StepDeps,
): Promise<StepReading> => {
  const { contract, source } = plan.definition;
  const rowNumbers = { base: rowBase(slice, position), used: contract.tables.map(() => 0) };
  const cursorBounds = cursorBoundsOf(plan, slice);
  const document = { contract, rowNumbers, ...(cursorBounds === undefined ? {} : { cursorBounds }) };
  if (source.kind === 'http') {
    const open = spooled === undefined ? undefined : () => openSpooled(spooled, deps);
    const step = { plan, http: source, slice, position, document, deadlineMs, spooled: open };
    return readPartitions(step, files, {
      ...deps,
      stopwatch,
    });
  }
  if (plan.object === undefined) throw new InvalidInput(`plan of ${plan.batch} names no landed object`);
  const { object, head, expanded } = plan;
  const file = {
    name: fileNameOf(plan.feed, source, object.key),
    lastModifiedMs: Date.parse(object.lastModified),
  };
  const values = valueVariables({ feed: plan.definition, partition: slice.partition }, { file });
  const ofFile = { ...document, valueText: toValueText(values) };
  if (head === undefined || slice.range === undefined)
    return readLanded(object, ofFile, files, { ...deps, stopwatch });
  const input = { object, expanded, head, range: slice.range, start: position.start };
  return readRange(input, ofFile, files, { ...deps, stopwatch });
};

const rowBase = ({ slice }: Slice, { step }: SlicePosition): number => {
  if (step < MAX_STEPS) return toRowBase({ slice, step });
  throw new GenerationLimitExceeded(`slice ${slice} is at step ${step}, allowed ${MAX_STEPS}`);
};

/** Rows are kept from the slice's start less the lookback, as the source was asked for them. */
const cursorBoundsOf = ({ definition }: PlanRecord, { window }: Slice) =>
  window === undefined || definition.window === undefined
    ? undefined
    : {
        fromMs: Date.parse(window.from) - definition.window.lookbackMs,
        toMs: Date.parse(window.to),
      };
