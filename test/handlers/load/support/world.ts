import { describeLoad } from '../../../../handlers/load/describe-load.ts';
import type { SeenPending } from '../../../../handlers/load/due-batches.ts';
import type { SeenGathering } from '../../../../handlers/load/gathering.ts';
import type { Load } from '../../../../handlers/load/load-records.ts';
import { markLoaded } from '../../../../handlers/load/mark-loaded.ts';
import { parkLoad } from '../../../../handlers/load/park-load.ts';
import { planLoad } from '../../../../handlers/load/plan-load.ts';
import { type PrepareWarehouseDeps, prepareWarehouse } from '../../../../handlers/load/prepare-warehouse.ts';
import { type SubmitLoadDeps, submitLoad } from '../../../../handlers/load/submit-load.ts';
import type { RecordStore } from '../../../../handlers/ports/record-store.ts';
import type { FeedsFile } from '../../../../shared/model/feed.ts';
import type { ErrorOutput } from '../../../../shared/state/error-output.ts';
import { toDateFolder, toKey } from '../../../../shared/state/keys.ts';
import type {
  LoadThread,
  PrepareWarehouseOutput,
  SubmitLoadOutput,
} from '../../../../shared/state/messages.ts';
import { toRecordText } from '../../../../shared/state/record-text.ts';
import type { BatchRecord } from '../../../../shared/state/records.ts';
import { stagedBytes } from '../../../../shared/state/staged-bytes.ts';
import { manualClock } from '../../../fakes/manual-clock.ts';
import { memoryEvents } from '../../../fakes/memory-events.ts';
import { memoryMetrics } from '../../../fakes/memory-metrics.ts';
import { memoryRecordStore } from '../../../fakes/memory-record-store.ts';
import { noPlace } from '../../../fakes/no-place.ts';
import { scriptedWarehouse } from '../../../fakes/scripted-warehouse.ts';
import { workItems } from '../../../shared/sql/support/contracts.ts';

/** A feed's batches in a bucket of memory, and the load's states to call on them as Step Functions would. */

export const FEED = 'work_items';
export const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';

/** Hour and minute of the batch's window. */
const at = (n: number, between = ''): string =>
  [n % 24, Math.floor(n / 24)].map((part) => String(part).padStart(2, '0')).join(between);

export const batchName = (n: number): string => `w-20261123T${at(n)}00000Z`;

/** A sealed batch of one work item. */
export const sealed = (n: number, more: Partial<BatchRecord> = {}): BatchRecord => ({
  feed: FEED,
  batch: batchName(n),
  seal: `seal-${n}`,
  observed: `2026-11-23T${at(n, ':')}:00.000Z`,
  contract: workItems,
  tables: {
    'ewm.work_items': {
      rows: 1,
      parts: [
        { key: `staged/${FEED}/${batchName(n)}/a/ewm.work_items/00000-00000.csv.zst`, bytes: 100, rows: 1 },
      ],
    },
    'ewm.comments': { rows: 0, parts: [] },
  },
  records: 1,
  outside: 0,
  rejects: { rows: 0, parts: [] },
  bytes: 1000,
  warnings: [],
  correlation: `w-${n}`,
  ...more,
});

export const emptyTables: BatchRecord['tables'] = {
  'ewm.work_items': { rows: 0, parts: [] },
  'ewm.comments': { rows: 0, parts: [] },
};

/** What was submitted; throws where nothing was. */
export const toSubmitted = (answer: SubmitLoadOutput): { readonly statementId: string } => {
  if ('isUnprepared' in answer) throw new Error('the warehouse is not prepared');
  return answer;
};

/** SubmitLoad, and before it PrepareWarehouse, where it asks for that or this is a later try, as Load and SettleLoad have them; and what PrepareWarehouse answered. */
export const submitPrepared = async (
  thread: LoadThread,
  deps: PrepareWarehouseDeps & SubmitLoadDeps,
): Promise<{ readonly statementId: string; readonly prepared: PrepareWarehouseOutput | undefined }> => {
  const answer = thread.try === 1 ? await submitLoad({ thread }, deps) : ({ isUnprepared: true } as const);
  if ('statementId' in answer) return { ...answer, prepared: undefined };
  const prepared = await prepareWarehouse({ thread }, deps);
  return { ...toSubmitted(await submitLoad({ thread, prepared }, deps)), prepared };
};

let worlds = 0;

/** `as` gives the store as one state's function has it. */
export const toWorld = (store?: RecordStore, as?: (state: string) => RecordStore, feeds: FeedsFile = {}) => {
  const memory = memoryRecordStore();
  const records = store ?? memory;
  const warehouse = scriptedWarehouse();
  const clock = manualClock();
  const { signal } = new AbortController();
  let invocations = 0;
  worlds += 1;
  const world = worlds; // a request id is never used again, as tokens rely on
  // As of a function whose one process serves all.
  const inFlight = new Map<string, Load>();
  const pendingSeen: SeenPending = new Map();
  const gathering: SeenGathering = new Map();
  const events = memoryEvents();
  const metrics = memoryMetrics();
  const deps = (state = '') => {
    invocations += 1;
    return {
      records: as?.(state) ?? records,
      inFlight,
      pending: pendingSeen,
      gathering,
      feeds,
      warehouse,
      clock,
      signal,
      bucket: 'bucket',
      target: { workgroupName: 'millrace', database: 'millrace' },
      statementPrefix: 'millrace/',
      copyRole: COPY_ROLE,
      database: 'dev',
      events,
      metrics,
      where: noPlace,
      invocation: `invocation-${world}-${invocations}`,
    };
  };

  /** `at` is when it was sealed. @default as before that was kept */
  const put = async (batch: BatchRecord, at?: string): Promise<void> => {
    const { feed, observed } = batch;
    const key = toKey({ kind: 'batch', feed, date: toDateFolder(Date.parse(observed)), batch: batch.batch });
    const pending = toKey({ kind: 'pending', feed, batch: batch.batch });
    await records.putIfAbsent(
      pending,
      toRecordText({ invocation: batch.seal, key, at, bytes: stagedBytes(batch) }),
    );
    await records.putIfAbsent(key, toRecordText(batch));
  };

  let executions = 0;
  const newExecution = (): string => {
    executions += 1;
    return `execution-${executions}`;
  };
  const plan = (execution = newExecution()) =>
    planLoad(
      {
        trigger: { source: 'millrace', 'detail-type': 'LoadNext', detail: { feed: FEED } },
        execution: { id: execution, startTime: '2026-11-23T12:00:00Z' },
      },
      deps('PlanLoad'),
    );
  const planned = async (): Promise<LoadThread> => {
    const answer = await plan();
    if (answer.outcome !== 'planned') throw new Error(`idle: ${answer.reason}`);
    return answer.thread;
  };
  /** Of a warehouse that is prepared. */
  const submit = async (thread: LoadThread) =>
    toSubmitted(await submitLoad({ thread, prepared: { statements: 0 } }, deps('SubmitLoad')));
  /** By default as the statement's own event asks. */
  const describe = (statementId: string, statementName: string, source = 'aws.redshift-data') =>
    describeLoad({ trigger: { source, detail: { statementId, statementName } } }, deps('DescribeLoad'));
  /** Describes the newest submitted statement. */
  const describeLast = (source?: string) => {
    const last = warehouse.submitted.at(-1);
    return describe(last?.id ?? '', last?.name ?? '', source);
  };
  const mark = (thread: LoadThread) => markLoaded({ thread }, deps('MarkLoaded'));
  const park = (thread: LoadThread, culprits: string[], isDataError: boolean, error: ErrorOutput) =>
    parkLoad({ thread, culprits, isDataError, error }, deps('ParkLoad'));
  /** Plans, submits, finishes and marks one load; the batches that it took. */
  const loadOnce = async (): Promise<readonly string[]> => {
    const thread = await planned();
    const { statementId } = await submit(thread);
    warehouse.end(statementId, 'finished');
    await mark(thread);
    return batchesOf(thread);
  };
  const batchesOf = async (thread: LoadThread): Promise<readonly string[]> => {
    const record = JSON.parse((await records.read(thread.loadKey)) ?? '');
    return record.batches.map(({ batch }: { batch: string }) => batch);
  };
  const pending = async () =>
    (await records.list(`pending/${FEED}/`)).keys.map((key) => key.split('/').at(-1));

  return {
    records,
    told: events.taken,
    measured: metrics.taken,
    entries: memory.entries,
    warehouse,
    clock,
    deps,
    put,
    plan,
    planned,
    submit,
    describe,
    describeLast,
    mark,
    park,
    loadOnce,
    batchesOf,
    pending,
  };
};

/** A world with one load of these batches at the warehouse. */
export const submitted = async (...batches: readonly number[]) => {
  const world = toWorld();
  for (const n of batches) await world.put(sealed(n));
  const thread = await world.planned();
  const { statementId } = await world.submit(thread);
  return { world, thread, statementId };
};
