import type { DescribeLoadInput, DescribeLoadOutput, LoadThread } from '../../shared/messages.ts';
import type { SettledRecord } from '../../shared/records.ts';
import { batchOfFile, classifyError, loadErrorsQuery } from '../../shared/sql/classify-error.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { StatementState, Warehouse } from '../ports/warehouse.ts';
import { parseStatementName } from './load-name.ts';
import { type Load, readLoad, readNewestSubmission } from './load-records.ts';

/** With waits of 5, 10, 20 and 40 s between them, and each load its own time. */
export const MAX_ATTEMPTS = 5;
const FIRST_WAIT_SECONDS = 5;

/** The names by which LoadFailed and the state machine tell why a load was given up. */
export const LOAD_ERROR = {
  data: 'LoadDataRefused',
  terminal: 'LoadRefused',
  exhausted: 'LoadAttemptsExhausted',
} as const;

export interface DescribeLoadPorts {
  readonly records: RecordStore;
  readonly warehouse: Warehouse;
  readonly signal: AbortSignal;
}

const ignored = (reason: string): DescribeLoadOutput => ({ outcome: 'ignored', reason });

/**
 * Decides what follows a statement's end. Events come twice, late and in any order: one of an attempt that another
 * followed, or of somebody else's statement, is ignored; one of a load that is settled leads where the first one led.
 */
export const describeLoad = async (
  { trigger }: DescribeLoadInput,
  ports: DescribeLoadPorts,
): Promise<DescribeLoadOutput> => {
  const { statementId, statementName } = trigger.detail;
  const thread = parseStatementName(statementName);
  if (thread === undefined) return ignored(`statement ${JSON.stringify(statementName)} is not of a load`);
  if ((await ports.records.read(thread.loadKey)) === undefined)
    return ignored(`no load ${thread.loadKey} exists`);
  const load = await readLoad(ports.records, thread.loadKey);
  if (load.settled !== undefined) return decideSettled(thread, load.settled);
  const newest = await readNewestSubmission(ports.records, load.name);
  if (newest !== undefined && newest.number > thread.attempt) {
    return ignored(`attempt ${thread.attempt} was followed by attempt ${newest.number}`);
  }
  const state = await ports.warehouse.describe(statementId);
  return decide(thread, load, state, ports);
};

/**
 * The execution that settled the load may have died before it said that the next one may start, and this may be its
 * second run: so what comes after the settling is done again, which changes nothing.
 */
const decideSettled = (thread: LoadThread, settled: SettledRecord): DescribeLoadOutput => {
  if (settled.outcome === 'loaded') return { outcome: 'finished', thread };
  const { name = LOAD_ERROR.terminal, message = '' } = settled.error ?? {};
  const error = { Error: name, Cause: message };
  return { outcome: 'failed', thread, culprits: settled.parked, isDataError: false, error };
};

const decide = (
  thread: LoadThread,
  load: Load,
  state: StatementState | undefined,
  ports: DescribeLoadPorts,
): DescribeLoadOutput | Promise<DescribeLoadOutput> => {
  // Forgotten after 24 hours: the ledger knows, and a further attempt asks it.
  if (state === undefined) return retry(thread, 'the warehouse has forgotten the statement');
  switch (state.status) {
    case 'running':
      return ignored('the statement is running');
    case 'finished':
      return { outcome: 'finished', thread };
    case 'aborted':
      return retry(thread, state.error === '' ? 'the statement was aborted' : state.error);
    case 'failed':
      return decideFailure(thread, load, state, ports);
  }
};

const retry = (thread: LoadThread, message: string): DescribeLoadOutput =>
  thread.attempt >= MAX_ATTEMPTS
    ? {
        outcome: 'failed',
        thread,
        culprits: [],
        isDataError: false,
        error: {
          Error: LOAD_ERROR.exhausted,
          Cause: `${MAX_ATTEMPTS} attempts failed, the last with: ${message}`,
        },
      }
    : {
        outcome: 'retry',
        thread: { ...thread, attempt: thread.attempt + 1 },
        waitSeconds: FIRST_WAIT_SECONDS * 2 ** (thread.attempt - 1),
        message,
      };

const decideFailure = async (
  thread: LoadThread,
  load: Load,
  state: StatementState,
  ports: DescribeLoadPorts,
): Promise<DescribeLoadOutput> => {
  const fault = classifyError(state.error);
  switch (fault.kind) {
    case 'transient':
      return retry(thread, state.error);
    case 'terminal':
      return {
        outcome: 'failed',
        thread,
        culprits: [],
        isDataError: false,
        error: { Error: LOAD_ERROR.terminal, Cause: state.error },
      };
    case 'data': {
      const found = fault.batch === undefined ? await readLoadErrors(state, ports) : [];
      const named = [fault.batch, ...found.map(({ batch }) => batch)];
      const batches = load.record.batches.map(({ batch }) => batch);
      return {
        outcome: 'failed',
        thread,
        culprits: batches.filter((batch) => named.includes(batch)),
        isDataError: true,
        error: {
          Error: LOAD_ERROR.data,
          Cause: [state.error, ...found.map(({ message }) => message)].join('; '),
        },
      };
    }
  }
};

/** File, line, column and reason of what COPY refused; never the value. */
const readLoadErrors = async (
  { failedQuery }: StatementState,
  { warehouse, signal }: DescribeLoadPorts,
): Promise<readonly { readonly batch: string | undefined; readonly message: string }[]> => {
  if (failedQuery === undefined) return [];
  const rows = await warehouse.execute(loadErrorsQuery(failedQuery), signal);
  return rows.map(([file, line, column, message]) => ({
    batch: batchOfFile(String(file)),
    message: `${String(file).trim()} line ${line} column ${String(column).trim()}: ${String(message).trim()}`,
  }));
};
