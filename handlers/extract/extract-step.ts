import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import { GenerationLimitExceeded, InvalidInput } from '../../shared/errors.ts';
import { redactDeep } from '../../shared/redact/redact-deep.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { fileNameOf, toValueText, valueVariables } from '../../shared/source/value-variables.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type PlanRecord, type Slice, type StepRecord, stepRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source } from '../ports/source.ts';
import type { Tracer } from '../ports/tracer.ts';
import { putRecord } from '../records.ts';
import { withTimeLimit } from '../time-limit.ts';
import { planNameOf } from './plan-name.ts';
import { readLanded } from './read-landed.ts';
import { ContinuationLost, type StepReading } from './read-pages.ts';
import { readPartitions } from './read-partitions.ts';
import { GuessLost, readRange } from './read-range.ts';
import type { SlicePosition } from './slice-position.ts';
import { openStagedFiles, type StagedFiles } from './staged-files.ts';
import { toRecordCounts } from './step-counts.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';
import { noteUnchanged, Unchanged } from './unchanged.ts';

/** Steps of one restart of a slice, by the room that `_row` keeps for them. */
const MAX_STEPS = 4_096;
/** Row numbers of one step. */
const ROWS_PER_STEP = 2 ** 32;
/** How long after the deadline a page may still be read: 50 s are left to the machine's 300 s, to upload and to seal. */
const GRACE_MS = 20_000;

export interface StepInput {
  readonly plan: PlanRecord;
  readonly slice: Slice;
  readonly position: SlicePosition;
  readonly deadlineMs: number;
}

/** What work on a slice takes. */
export interface ExtractSliceDeps {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly openCsvFile: (options: CsvFileOptions) => CsvFile;
  readonly tracer: Tracer;
  readonly invocation: string;
  readonly signal: AbortSignal;
}

export type StepDeps = ExtractSliceDeps & { readonly nextPart: () => number };

/**
 * `unchanged`: the document is that of the batch before, and there is no step. `cut`: the step ended with time left for another. `partial`: there is none. `overtaken`: another invocation's step stands in this
 * place; its rows count, ours do not.
 */
export type StepOutcome = 'complete' | 'cut' | 'partial' | 'overtaken' | 'unchanged';

/**
 * Reads one durable stretch of a slice and publishes it. On any error every upload is aborted, and nothing is
 * published that did not parse to a page's end.
 */
export const extractStep = async (input: StepInput, deps: StepDeps): Promise<StepOutcome> => {
  const { plan, slice, position } = input;
  const annotations = { feed: plan.feed, batch: plan.batch, slice: slice.slice };
  const run = () =>
    deps.tracer.capture(`step ${position.restart}-${position.step}`, annotations, () => runStep(input, deps));
  if (position.continuation === null) return run();
  return run().catch((error: unknown) => {
    if (!(error instanceof ContinuationLost)) throw error;
    const again = { ...position, restart: position.restart + 1, step: 0, continuation: null };
    return extractStep({ ...input, position: again }, deps);
  });
};

const runStep = async (input: StepInput, deps: StepDeps): Promise<StepOutcome> => {
  const { plan, slice } = input;
  const { contract } = plan.definition;
  const name = { feed: plan.feed, batch: plan.batch, invocation: deps.invocation, slice: slice.slice };
  const files = openStagedFiles(contract, name, deps);
  const stopwatch = startStopwatch();
  try {
    const limit = { clock: deps.clock, atMs: input.deadlineMs + GRACE_MS, outer: deps.signal };
    const reading = await withTimeLimit(limit, (signal) =>
      read(input, files, stopwatch, { ...deps, signal }),
    );
    const staged = await stopwatch.time('upload', () => files.finish());
    const { counts, continuation, range, validators } = reading;
    const at = new Date(deps.clock.now()).toISOString();
    const rows = Object.fromEntries(Object.entries(staged.tables).map(([table, { rows }]) => [table, rows]));
    const counted = toRecordCounts(counts, plan.definition, rows);
    const record = {
      invocation: deps.invocation,
      at,
      ...staged,
      ...counted,
      continuation,
      ...(range === undefined ? {} : { range }),
      ...(validators === undefined ? {} : { validators }),
    };
    const outcome = await publish(input, record, reading.isCut, deps);
    stopwatch.record(deps.tracer, { ...name, rows: files.written, bytes: counts.bytes });
    if (reading.failure !== undefined && outcome !== 'overtaken') throw reading.failure;
    return outcome;
  } catch (error) {
    await files.abort(error instanceof Error ? error : new Error(String(error)));
    if (error instanceof Unchanged) return leaveUnchanged(plan, stopwatch, deps);
    if (error instanceof GuessLost) return publish(input, toLost(error, deps), false, deps);
    throw error;
  }
};

const leaveUnchanged = async (
  plan: PlanRecord,
  stopwatch: Stopwatch,
  { records, tracer, invocation, clock }: StepDeps,
): Promise<StepOutcome> => {
  await noteUnchanged(plan, invocation, new Date(clock.now()).toISOString(), records);
  stopwatch.record(tracer, { feed: plan.feed, batch: plan.batch, invocation });
  return 'unchanged';
};

/** What is said of a range whose guess was wrong: the chain never counts it. */
const toLost = ({ start }: GuessLost, { invocation, clock }: StepDeps): StepRecord => ({
  invocation,
  at: new Date(clock.now()).toISOString(),
  tables: {},
  rejects: { rows: 0, parts: [] },
  firstRejects: [],
  ...LOST,
  range: { start, end: null },
});

const LOST = { records: 0, outside: 0, bytes: 0, pages: 0, matched: [], warnings: [], continuation: null };

const read = (
  { plan, slice, position, deadlineMs }: StepInput,
  files: StagedFiles,
  stopwatch: Stopwatch,
  deps: StepDeps,
): Promise<StepReading> => {
  const { contract, source } = plan.definition;
  const rowNumbers = { base: rowBase(slice, position), used: contract.tables.map(() => 0) };
  const cursorBounds = cursorBoundsOf(plan, slice);
  const document = { contract, rowNumbers, ...(cursorBounds === undefined ? {} : { cursorBounds }) };
  if (source.kind === 'http') {
    return readPartitions({ plan, http: source, slice, position, document, deadlineMs }, files, {
      ...deps,
      stopwatch,
    });
  }
  if (plan.object === undefined) throw new InvalidInput(`plan of ${plan.batch} names no landed object`);
  const { object, head } = plan;
  const file = {
    name: fileNameOf(plan.feed, source, object.key),
    lastModifiedMs: Date.parse(object.lastModified),
  };
  const values = valueVariables({ feed: plan.definition, partition: slice.partition }, { file });
  const ofFile = { ...document, valueText: toValueText(values) };
  if (head === undefined || slice.range === undefined)
    return readLanded(object, ofFile, files, { ...deps, stopwatch });
  const input = { object, head, range: slice.range, start: position.start };
  return readRange(input, ofFile, files, { ...deps, stopwatch });
};

/** `_row` is (slice * 4096 + step) * 2^32 + n: at most 2^52 with 200 slices, so exact in a double. */
const rowBase = ({ slice }: Slice, { step }: SlicePosition): number => {
  if (step < MAX_STEPS) return (slice * MAX_STEPS + step) * ROWS_PER_STEP;
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

/** Names of ours, and values that a later step or batch computes with; a link that holds a secret is not followed. */
const NO_MESSAGES: ReadonlySet<string> = new Set<keyof StepRecord>([
  'invocation',
  'at',
  'tables',
  'rejects',
  'matched',
  'rejectedBy',
  'largestCursor',
  'continuation',
  'range',
]);

/** Takes secrets out of all that a step tells of the source's documents. */
const redactStep = (record: StepRecord, { redact }: Redactor): StepRecord =>
  stepRecord.parse(
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        NO_MESSAGES.has(name) ? value : redactDeep(value, redact),
      ]),
    ),
  );

/** The step exists from its put on. A 412 by our own invocation is a reply that was lost. */
const publish = async (
  { plan, slice, position }: StepInput,
  record: StepRecord,
  isCut: boolean,
  deps: StepDeps,
): Promise<StepOutcome> => {
  const key = toKey({
    kind: 'step',
    ...planNameOf(plan),
    slice: slice.slice,
    restart: position.restart,
    step: position.step,
  });
  const standing = await putRecord(deps.records, key, redactStep(record, deps.redactor), stepRecord);
  if (standing.invocation !== deps.invocation) return 'overtaken';
  if (standing.continuation === null) return 'complete';
  return isCut ? 'cut' : 'partial';
};
