import { extractSlice } from '../../../handlers/extract/extract-slice.ts';
import { planBatch } from '../../../handlers/extract/plan-batch.ts';
import { recordFailure } from '../../../handlers/extract/record-failure.ts';
import { sealBatch } from '../../../handlers/extract/seal-batch.ts';
import type { StepTimes } from '../../../handlers/extract/step-times.ts';
import { targetRules } from '../../../handlers/extract/target-rules.ts';
import type { Clock } from '../../../handlers/ports/clock.ts';
import type { ObjectStreams } from '../../../handlers/ports/object-streams.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { noTracer } from '../../../handlers/ports/tracer.ts';
import type { CsvFile, CsvFileOptions } from '../../../shared/csv/csv-file.ts';
import { parseFeed } from '../../../shared/feed/parse-feed.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { newRedactor, type Redactor } from '../../../shared/redact/redactor.ts';
import type { ExtractTrigger, SpoolPageInput } from '../../../shared/state/messages.ts';
import { readRecordText } from '../../../shared/state/record-text.ts';
import { type BatchRecord, batchRecord, type Part } from '../../../shared/state/records.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { memoryMetrics } from '../../fakes/memory-metrics.ts';
import { memoryObjectStreams } from '../../fakes/memory-object-streams.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { noPlace } from '../../fakes/no-place.ts';
import { openPlainCsvFile, parsePlainCsv } from '../../fakes/plain-csv-file.ts';

export const NOW = '2026-11-23T12:00:00.000Z';

export const TABLES = `
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: merge
    key: [id]
    sequence: [modified]
    columns:
      id: bigint
      modified: timestamptz
  ewm.comments:
    parent: { item: id }
    rows: comments
    columns:
      position: { ordinal: true }
      content: varchar(64)
`;

/** Work items by pages, in windows; `extra` is more of the feed file, `origin` where the source is. */
export const itemsFeed = (extra = '', origin = 'http://127.0.0.1:8080'): Feed =>
  feedOf(
    'items',
    `source:
  http:
    url: ${origin}/workitem
    params: { from: "\${window.from}", to: "\${window.to}" }
    next: { url: "/workitem[@rel='next']/@href" }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
${extra}${TABLES}`,
  );

/** The same work items as files that others drop. */
export const dropsFeed = (extra = ''): Feed =>
  feedOf('drops', `source: { s3: { suffixes: [.xml] } }\n${extra}${TABLES}`);

export const feedOf = (name: string, text: string): Feed => {
  const result = parseFeed(`feed: ${name}\n${text}`, {
    file: `${name}.yaml`,
    connections: new Map(),
    allowLoopback: true,
  });
  if (result.ok) return result.feed;
  throw new Error(JSON.stringify(result.problems));
};

export interface World {
  readonly feed: Feed;
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source & SourceClock;
  readonly clock: Clock;
  readonly openCsvFile?: (options: CsvFileOptions) => CsvFile;
  readonly times?: StepTimes;
  /** @default one that knows no secret */
  readonly redactor?: Redactor;
  /** The ports as one invocation has them, by its state. @default the same to all */
  readonly as?: (state: string, invocation: string) => InvocationPorts;
}

export type InvocationPorts = Partial<Pick<World, 'records' | 'streams' | 'source'>> & {
  /** Rejects when the function is killed: nobody waits for its work then. */
  readonly killed?: Promise<never>;
};

/** Everything that executions share, in memory, around one source. */
export const worldOf = <S extends Source & SourceClock>(feed: Feed, source: S) => {
  const records = memoryRecordStore();
  const streams = memoryObjectStreams();
  const clock = manualClock(Date.parse(NOW));
  return { feed, source, records, streams, clock };
};

export interface ExecutionResult {
  /** `Idle: …`, `Done`, or the error's name. */
  readonly outcome: string;
  readonly error?: unknown;
  /** Pages that SpoolPage is started for. */
  readonly spools?: readonly SpoolPageInput[];
  /** The Continue event that follows, if any. */
  readonly next?: ExtractTrigger;
}

let executions = 0;

/** One execution of the Extract machine in small: plan, slices side by side, seal; a failure is recorded. */
export const execute = async (
  world: World,
  trigger: ExtractTrigger,
  options: { readonly id?: string; readonly startTime?: string; readonly signal?: AbortSignal } = {},
): Promise<ExecutionResult> => {
  const id = options.id ?? `execution-${executions++}`;
  const startTime = options.startTime ?? new Date(world.clock.now()).toISOString();
  let invocations = 0;
  const depsOf = (invocation: string, ports: InvocationPorts) => ({
    openCsvFile: openPlainCsvFile,
    redactor: newRedactor(),
    events: memoryEvents(),
    metrics: memoryMetrics(),
    where: noPlace,
    ...world,
    targets: targetRules(ports.records ?? world.records),
    ...ports,
    feeds: { [world.feed.feed]: world.feed },
    secrets: fixedSecrets(),
    tracer: noTracer,
    invocation,
    signal: options.signal ?? new AbortController().signal,
  });
  const invoke = <T>(name: string, work: (deps: ReturnType<typeof depsOf>) => Promise<T>): Promise<T> => {
    const invocation = `${id}-${invocations++}`;
    const ports = world.as?.(name, invocation) ?? {};
    const working = work(depsOf(invocation, ports));
    return ports.killed === undefined ? working : Promise.race([working, ports.killed]);
  };
  let state = 'PlanBatch';
  let thread: Parameters<typeof recordFailure>[0]['thread'];
  try {
    const planned = await invoke(state, (deps) => planBatch({ trigger, execution: { id, startTime } }, deps));
    if (planned.outcome === 'idle') return { outcome: `Idle: ${planned.reason}` };
    thread = planned.thread;
    state = 'ExtractSlice';
    const input = { thread: planned.thread };
    const slices = await Promise.all(
      planned.slices.map((slice) => invoke(state, (deps) => extractSlice({ ...input, slice }, deps))),
    );
    const outcomes = slices.map(({ outcome }) => outcome);
    const spools = slices.flatMap(({ spool }) => (spool === undefined ? [] : [{ ...input, spool }]));
    state = 'SealBatch';
    const isSpooling =
      outcomes.includes('spooling') && !outcomes.includes('partial') && !outcomes.includes('late');
    const sealed = await invoke(state, (deps) => sealBatch({ ...input, isSpooling }, deps));
    if (sealed.outcome === 'spooling') return { outcome: 'Spooling', spools };
    if (sealed.outcome === 'done') return { outcome: 'Done' };
    return {
      outcome: 'Continue',
      ...(spools.length === 0 ? {} : { spools }),
      next: { source: 'millrace', 'detail-type': 'Continue', detail: sealed.detail },
    };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const Cause = JSON.stringify({ errorType: name, errorMessage: message });
    const failure = { Error: name, Cause };
    await invoke('RecordFailure', (deps) =>
      recordFailure(
        { trigger, execution: id, state, error: failure, ...(thread === undefined ? {} : { thread }) },
        deps,
      ),
    );
    return { outcome: name, error };
  }
};

/** Executions one after the other while each asks for the next one; at most `limit`. */
export const executeToEnd = async (
  world: World,
  trigger: ExtractTrigger,
  limit = 50,
): Promise<readonly ExecutionResult[]> => {
  const results: ExecutionResult[] = [];
  let next: ExtractTrigger | undefined = trigger;
  while (next !== undefined && results.length < limit) {
    const result: ExecutionResult = await execute(world, next);
    results.push(result);
    next = result.next;
  }
  return results;
};

export const schedule = (scheduledTime = NOW): ExtractTrigger => ({ feed: 'items', scheduledTime });

export const landed = (key: string, versionId = 'v1', bucket = 'bucket'): ExtractTrigger => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: bucket }, object: { key, 'version-id': versionId } },
});

type MemoryWorld = ReturnType<typeof worldOf<Source & SourceClock>>;

/** Every sealed batch, by the order of its key. */
export const sealedBatches = ({ records }: MemoryWorld): BatchRecord[] =>
  [...records.entries]
    .filter(([key]) => key.startsWith('batches/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => readRecordText('', text, batchRecord));

export const rowsOf = ({ streams }: MemoryWorld, parts: readonly Part[]): (string | null)[][] =>
  parts.flatMap(({ key }) => parsePlainCsv(streams.objects.get(key) ?? Buffer.from('["part is missing"]')));

/** The ids of the rows that a batch names, in the order of its part files. */
export const sealedIds = (world: MemoryWorld, table = 'ewm.items'): number[] =>
  sealedBatches(world).flatMap((batch) =>
    rowsOf(world, batch.tables[table]?.parts ?? []).map(([id]) => Number(id)),
  );

export const numbers = (to: number): number[] => Array.from({ length: to }, (_, i) => i + 1);

export const keysUnder = ({ records }: MemoryWorld, prefix: string): string[] =>
  [...records.entries.keys()].filter((key) => key.startsWith(prefix)).sort();
