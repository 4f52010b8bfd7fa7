import type { Host, StateEvent, TaskRequest } from '../asl/frame.ts';
import { createEvaluator } from '../asl/jsonata.ts';
import { type ExecutionResult, type Machine, runMachine } from '../asl/run-machine.ts';
import { StatesError } from '../asl/states-error.ts';
import { ACCOUNT, REGION } from '../assembly/names.ts';
import type { Clock } from '../clock.ts';
import type { FaultsNow } from '../faults-now.ts';
import type { CloudProgress, ExecutionRecord } from '../local-cloud.ts';
import type { Withheld } from '../pace.ts';
import type { Traces } from '../tracing.ts';
import type { Chance } from './chance.ts';
import type { Ending, Journal } from './journal.ts';

export interface EngineOptions extends FaultsNow {
  /** By name, as they are deployed: an execution goes by the one that stood when it began. */
  machines(): ReadonlyMap<string, Machine>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly timeScale: number;
  /** From all that executions wait for. */
  readonly withheld: Pick<Withheld, 'ms'>;
  readonly traces: Traces;
  /** Calls a service for a Task state. Throws StatesError. */
  runTask(request: TaskRequest, traceId: string): Promise<unknown>;
  onProgress(progress: CloudProgress): void;
}

export interface Engine {
  /** Starts what is due; call it after each change of the journal. */
  wake(): void;
  /** Executions that are due or running. */
  busy(): number;
  /** Starts nothing more and ends what runs, untold and unjournaled: the next start runs it again, as after a kill. */
  close(): Promise<void>;
}

/**
 * Executions at once. The 300 s of one that is merely due do not run yet, so a thousand objects dropped at once wait
 * here and not in the functions' queue.
 */
const MAX_RUNNING = 16;

/** Runs what the journal says is due, each to its end; what a crash cut off runs again from its start, as Express promises. */
export const createEngine = (options: EngineOptions): Engine => {
  const { journal } = options;
  const underWay = new Map<string, { readonly machine: string; readonly running: Promise<void> }>();
  const closing = new AbortController();
  const { signal } = closing;

  const run = async (record: ExecutionRecord): Promise<void> => {
    await hold(options, signal).catch(() => {});
    if (signal.aborted) return;
    const traceId = `1-${Math.floor(options.clock.now() / 1000).toString(16)}-${options.chance.hex(12)}`;
    const startTime = options.clock.now();
    const started = journal.started(record.id, new Date(startTime).toISOString(), traceId);
    options.onProgress({ type: 'execution-started', execution: started });
    const span = options.chance.hex(8);
    const result = await runOne(options, started, { span, traceId, signal });
    if (signal.aborted) return;
    options.traces.execution({
      machine: record.machine,
      name: record.name,
      span,
      traceId,
      startTime,
      result,
    });
    options.onProgress({
      type: 'execution-ended',
      execution: journal.ended(record.id, endingOf(options.clock, result)),
    });
  };
  const begin = (record: ExecutionRecord): void => {
    // Not begun before it stands among those under way: who is told of its start may wake the engine.
    const running = Promise.resolve(record)
      .then(run)
      .finally(() => {
        underWay.delete(record.id);
        wake();
      });
    underWay.set(record.id, { machine: record.machine, running });
  };
  const hasRoom = (): boolean => !signal.aborted && underWay.size < MAX_RUNNING;
  const wake = (): void => {
    if (!hasRoom()) return;
    const takeTurn = takeTurns(journal, underWay);
    while (hasRoom()) {
      const next = takeTurn();
      if (next === undefined) return;
      begin(next);
    }
  };
  return {
    wake,
    busy: () => Math.max(journal.countUnended(), underWay.size),
    close: async () => {
      closing.abort(new Error('the cloud is closed'));
      await Promise.all([...underWay.values()].map(({ running }) => running));
    },
  };
};

/** Before a delivery starts its execution. Rejects with the signal's reason. */
const hold = async (
  { faults, onStruck, clock, chance, timeScale }: EngineOptions,
  signal: AbortSignal,
): Promise<void> => {
  const { reorderWithinMs = 0 } = faults();
  if (reorderWithinMs > 0) {
    onStruck('reorderWithinMs');
    await clock.sleep(chance.random() * reorderWithinMs, signal);
  }
  while (chance.random() < (faults().throttleStarts ?? 0)) {
    onStruck('throttleStarts');
    await clock.sleep(1000 * timeScale, signal);
  }
};

/**
 * Answers what is to begin next: the oldest delivery of the machine that has the fewest executions under way. So what a machine
 * makes of two thousand objects is taken on by the next machine while the first still has most of them before it.
 */
const takeTurns = (
  journal: Journal,
  underWay: ReadonlyMap<string, { readonly machine: string }>,
): (() => ExecutionRecord | undefined) => {
  const isDue = ({ id }: ExecutionRecord): boolean => !underWay.has(id);
  const queues = new Map(
    journal.unendedMachines().map((name) => [name, journal.unended(name, 2 * MAX_RUNNING).filter(isDue)]),
  );
  const runningOf = (name: string): number =>
    [...underWay.values()].filter(({ machine }) => machine === name).length;
  return () => {
    const waiting = [...queues].filter(([, due]) => due.length > 0);
    const [first] = waiting.toSorted(([a], [b]) => runningOf(a) - runningOf(b));
    if (first === undefined) return undefined;
    const [name, [next, ...rest]] = first;
    queues.set(name, rest);
    return next;
  };
};

/** One start of an execution. */
interface Run {
  readonly span: string;
  readonly traceId: string;
  /** Of the engine, which is closed. */
  readonly signal: AbortSignal;
}

const runOne = async (
  options: EngineOptions,
  record: ExecutionRecord,
  run: Run,
): Promise<ExecutionResult> => {
  const machine = options.machines().get(record.machine);
  if (machine === undefined) {
    return {
      status: 'FAILED',
      error: new StatesError(
        'StateMachineDoesNotExist',
        `${record.machine} is no machine of this assembly any more`,
      ),
    };
  }
  const arn = `arn:aws:states:${REGION}:${ACCOUNT}:express:${record.machine}:${record.name}:${record.id}`;
  const { timeOut } = options.faults();
  const isOurs = timeOut?.machine === undefined || record.machine.includes(timeOut.machine);
  const timeoutMs = isOurs ? timeOut?.afterMs : undefined;
  const result = await runMachine(
    machine,
    {
      name: record.name,
      arn,
      input: JSON.parse(record.input),
      span: run.span,
      timeoutMs,
      signal: run.signal,
    },
    hostOf(options, record, run),
  );
  if (timeoutMs !== undefined && result.status === 'TIMED_OUT') options.onStruck('timeOut');
  return result;
};

const hostOf = (options: EngineOptions, record: ExecutionRecord, { traceId, signal }: Run): Host => {
  const { clock, chance, timeScale, withheld, traces } = options;
  const enteredAt = new Map<string, number>();
  return {
    clock,
    withheld,
    timeScale,
    random: chance.random,
    spanId: () => chance.hex(8),
    evaluator: createEvaluator({ now: clock.now, random: chance.random, uuid: chance.uuid }),
    runTask: async (request) => {
      signal.throwIfAborted();
      return options.runTask(request, traceId);
    },
    observe: (event) => {
      // That it was ended is no failure of a state's, and nobody is to be told of one.
      if (signal.aborted) return;
      if (event.type === 'state-entered') enteredAt.set(event.span, event.at);
      if (event.type === 'state-exited' || event.type === 'state-failed') {
        traces.state({ event, traceId, startTime: enteredAt.get(event.span) ?? event.at });
        enteredAt.delete(event.span);
      }
      options.onProgress(progressOf(record, event));
    },
  };
};

const progressOf = (record: ExecutionRecord, { type, path, at, error }: StateEvent): CloudProgress => ({
  type,
  machine: record.machine,
  name: record.name,
  path,
  at: new Date(at).toISOString(),
  ...(error !== undefined && { error: error.error, cause: error.text }),
});

const endingOf = (clock: Clock, result: ExecutionResult): Ending => {
  const stopTime = new Date(clock.now()).toISOString();
  if (result.status === 'SUCCEEDED')
    return { status: result.status, stopTime, output: JSON.stringify(result.output) };
  const { error, text, path } = result.error;
  return { status: result.status, stopTime, error, cause: text, failedState: path };
};
