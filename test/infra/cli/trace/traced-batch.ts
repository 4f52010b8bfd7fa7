import { planNameOf } from '../../../../handlers/extract/plan-name.ts';
import type { RecordStore } from '../../../../handlers/ports/record-store.ts';
import type { Segment } from '../../../../infra/local/xray/segment.ts';
import { toKey } from '../../../../shared/state/keys.ts';
import { toRecordText } from '../../../../shared/state/record-text.ts';
import { memoryRecordStore } from '../../../fakes/memory-record-store.ts';
import { itemsFeed } from '../../../handlers/extract/world.ts';

/** A batch of one day and the one before it, with all that is kept of them: records, and segments as Step Functions, Lambda and we send them. */

const FEED = 'items';
const { contract, ...feed } = itemsFeed();

/** Ids that differ, in the order in which they are asked for. */
const countIds = () => {
  let n = 0;
  return (digits: number): string => (++n).toString(16).padStart(digits, '0');
};

interface Parent {
  readonly trace_id: string;
  readonly id: string;
}

export interface TracedBatch {
  readonly name: string;
  /** When Extract began; all else is some milliseconds later. */
  readonly start: string;
  /** Multiplies the time of slice 1. @default 1 */
  readonly slow?: number;
  readonly isParked?: boolean;
}

/** Records and traces of batches, each of two slices. */
export const tracedBatches = (batches: readonly TracedBatch[]) => {
  const records = memoryRecordStore();
  const traces = new Map<string, Segment[]>();
  const nextId = countIds();
  for (const [index, batch] of batches.entries()) addBatch(batch, index + 1, { records, traces, nextId });
  return {
    records: records as RecordStore & typeof records,
    readTraces: async (ids: readonly string[]) =>
      ids.map((id) => traces.get(id) ?? []).filter((one) => one.length > 0),
    traces,
  };
};

interface World {
  readonly records: ReturnType<typeof memoryRecordStore>;
  readonly traces: Map<string, Segment[]>;
  readonly nextId: (digits: number) => string;
}

const addBatch = (
  { name, start, slow = 1, isParked = false }: TracedBatch,
  load: number,
  world: World,
): void => {
  const startMs = Date.parse(start);
  const day = start.slice(0, 10).replaceAll('-', '/');
  const trace = () => `1-${Math.floor(startMs / 1000).toString(16)}-${world.nextId(24)}`;
  const [extract, loading, settling] = [trace(), trace(), trace()];
  const put = (key: string, record: object): void =>
    void world.records.entries.set(key, toRecordText(record));
  const window = { from: new Date(startMs - 3_600_000).toISOString(), to: start };
  const plan = {
    ...{ feed: FEED, batch: name, invocation: 'i', traceId: extract, date: day, observed: start, window },
    definition: { ...feed, contract },
    slices: [],
  };
  put(toKey({ kind: 'plan', ...planNameOf(plan) }), plan);
  addExtract(extract, startMs, { slow, isParked, batch: name }, world);
  if (isParked) {
    const parked = { feed: FEED, batch: name, invocation: 'i', traceId: extract, state: 'ExtractSlice' };
    put(toKey({ kind: 'parked', feed: FEED, batch: name }), {
      ...parked,
      error: 'E',
      message: 'm',
      parkedAt: start,
    });
    return;
  }
  const key = toKey({ kind: 'batch', feed: FEED, date: day, batch: name });
  const rejects = { rows: 0, parts: [] };
  const counts = { tables: {}, rejects, records: 1, outside: 0, bytes: 1, warnings: [] };
  const seal = {
    feed: FEED,
    batch: name,
    seal: 'i',
    observed: start,
    contract,
    correlation: `items-${index(load)}`,
  };
  put(key, { ...seal, ...counts, traceId: extract });
  const of = { feed: FEED, date: day, load };
  const batches = [{ batch: name, key, seal: 'i' }];
  const planned = { feed: FEED, load, invocation: 'i', traceId: loading, execution: 'e', contract, batches };
  put(toKey({ kind: 'load', ...of }), { ...planned, plannedAt: start });
  const submitted = { invocation: 'i', traceId: loading, statementId: 's', submittedAt: start };
  put(toKey({ kind: 'submission', ...of, try: 1 }), submitted);
  put(toKey({ kind: 'settled', ...of }), {
    invocation: 'i',
    traceId: settling,
    outcome: 'loaded',
    parked: [],
  });
  addLoad(loading, settling, startMs + 4_000 + 2_000 * slow, world);
};

const index = (n: number): string => String(n);

/** Adds a segment and answers it, to hang others below it. */
const adder =
  ({ traces, nextId }: World, trace: string, startMs: number) =>
  (name: string, from: number, to: number, parent?: Parent, over: Partial<Segment> = {}): Parent => {
    const segment = {
      ...{ trace_id: trace, id: nextId(16), name },
      ...(parent === undefined ? {} : { parent_id: parent.id, type: 'subsegment' }),
      start_time: (startMs + from) / 1000,
      end_time: (startMs + to) / 1000,
      ...over,
    };
    traces.set(trace, [...(traces.get(trace) ?? []), segment]);
    return segment;
  };

const STATE_MACHINE = { origin: 'AWS::StepFunctions::StateMachine' };

/** A state that calls a function; what the function did hangs below what is answered. */
const call = (
  add: ReturnType<typeof adder>,
  state: string,
  [from, to]: readonly [number, number],
  parent: Parent,
  over: Partial<Segment> & { readonly coldMs?: number } = {},
): Parent => {
  const { coldMs = 0, ...rest } = over;
  const at = add(state, from, to, parent, rest.fault === true ? { fault: true } : {});
  const service = add(`fn-${state}`, from, to, at, { origin: 'AWS::Lambda' });
  const own = add(`fn-${state}`, from + 100, to, service, { origin: 'AWS::Lambda::Function' });
  if (coldMs > 0) add('Initialization', from + 100, from + 100 + coldMs, own);
  return add('## index.handler', from + 100 + coldMs, to, own, rest);
};

const addExtract = (
  trace: string,
  startMs: number,
  { slow, isParked, batch }: { readonly slow: number; readonly isParked: boolean; readonly batch: string },
  world: World,
): void => {
  const add = adder(world, trace, startMs);
  const endMs = 3_000 + 2_000 * slow;
  const machine = add('MillracePipeline-ExtractMachine', 0, endMs + 500, undefined, {
    ...STATE_MACHINE,
    ...(isParked ? { fault: true } : {}),
  });
  const named = { annotations: { feed: FEED, batch } };
  call(add, 'PlanBatch', [0, 1_000], machine, { ...named, coldMs: 400 });
  const map = add('ExtractSlices', 1_000, endMs, machine);
  for (const slice of [0, 1]) {
    const [from, to] = slice === 0 ? [1_000, 2_000] : [2_000, endMs];
    const annotations = { ...named.annotations, slice };
    const fault = isParked && slice === 1 ? { fault: true } : {};
    const own = call(add, 'ExtractSlice', [from, to], map, { annotations, ...fault });
    const page = {
      slowest_page: `https://jazz.example/items page ${slice + 1}`,
      slowest_page_ms: to - from - 300,
    };
    const step = add('step 0-0', from + 200, to, own, { annotations: { ...annotations, ...page } });
    const tiles = { 'wait for headers': 0.3, read: 0.3, parse: 0.3, upload: 0.1 };
    let at = from + 200;
    for (const [name, share] of Object.entries(tiles)) {
      add(name, at, at + share * (to - from - 200), step);
      at += share * (to - from - 200);
    }
    add('S3', from + 300, to - 100, step, { namespace: 'aws', aws: { operation: 'UploadPart' } });
  }
  if (!isParked) call(add, 'SealBatch', [endMs, endMs + 500], machine, named);
};

const addLoad = (loading: string, settling: string, startMs: number, world: World): void => {
  const load = adder(world, loading, startMs);
  const settle = adder(world, settling, startMs);
  const loadMachine = load('MillracePipeline-LoadMachine', 0, 1_000, undefined, STATE_MACHINE);
  const keys = { annotations: { feed: FEED, load: 'loads/items' } };
  call(load, 'PlanLoad', [0, 400], loadMachine, keys);
  const submit = call(load, 'SubmitLoad', [400, 1_000], loadMachine, keys);
  load('Redshift Data', 700, 1_000, submit, {
    namespace: 'aws',
    aws: { operation: 'BatchExecuteStatement' },
  });
  const settleMachine = settle('MillracePipeline-SettleLoadMachine', 5_000, 5_500, undefined, STATE_MACHINE);
  const warehouse = {
    warehouse_status: 'finished',
    ...{ warehouse_created_ms: startMs + 900, warehouse_ended_ms: startMs + 4_900 },
    ...{ warehouse_ran_ms: 3_000, warehouse_waited_ms: 1_000 },
  };
  call(settle, 'DescribeLoad', [5_000, 5_300], settleMachine, {
    annotations: { ...keys.annotations, ...warehouse },
  });
  call(settle, 'MarkLoaded', [5_300, 5_500], settleMachine, keys);
};
