import {
  LoadDataRefused,
  LoadRefused,
  LoadTriesExhausted,
  SubmissionUnknown,
  TooManyDeleted,
} from '../../shared/errors.ts';
import { fateOf } from '../../shared/fates.ts';
import { classifyError } from '../../shared/sql/classify-error.ts';
import { isOwnSource } from '../../shared/state/deployment-names.ts';
import { parseStatementName } from '../../shared/state/load-name.ts';
import type { DescribeLoadInput, DescribeLoadOutput, LoadThread } from '../../shared/state/messages.ts';
import type { SettledRecord } from '../../shared/state/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { OpenStaged } from '../ports/staged-reader.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { StatementState, Warehouse } from '../ports/warehouse.ts';
import { readLoadErrors } from './load-error-detail.ts';
import { type Load, readLoad, readNewestSubmission, readSubmission } from './load-records.ts';
import { hasTriedUnknown } from './unknown-tries.ts';

/** Tries that follow each other at once: with waits of 5, 10, 20 and 40 s between them, and each load its own time. */
export const MAX_TRIES = 5;
const FIRST_WAIT_SECONDS = 5;

export interface DescribeLoadDeps {
  readonly records: RecordStore;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the names of this deployment's statements begin with. */
  readonly statementPrefix: string;
  /** Shown the warehouse's own times. @default - nothing is traced */
  readonly tracer?: Pick<Tracer, 'annotate'> | undefined;
  /** Opens part files, to tell the place of a row that COPY refused. @default - places are not told */
  readonly open?: OpenStaged;
}

interface Try {
  readonly thread: LoadThread;
  readonly load: Load;
  /** Whether the sweep asks, which it does every quarter of an hour, and not the statement's own event. */
  readonly isSwept: boolean;
}

/** ParkLoad is told the error by its name, as of a state that failed. */
const failed = (
  thread: LoadThread,
  { name, message }: { readonly name: string; readonly message: string },
  culprits: readonly string[] = [],
): DescribeLoadOutput => ({
  outcome: 'failed',
  thread,
  culprits: [...culprits],
  isDataError: fateOf(name) === 'batch',
  error: { Error: name, Cause: message },
});

const ignored = (reason: string): DescribeLoadOutput => ({ outcome: 'ignored', reason });

/**
 * Decides what follows a statement's end. Events come twice, late and in any order: one of a try that another
 * followed, or of somebody else's statement, is ignored; one of a load that is settled leads where the first one led.
 */
export const describeLoad = async (
  { trigger }: DescribeLoadInput,
  deps: DescribeLoadDeps,
): Promise<DescribeLoadOutput> => {
  const { statementId, statementName } = trigger.detail;
  const named = parseStatementName(statementName);
  if (named === undefined) return ignored(`statement ${JSON.stringify(statementName)} is not of a load`);
  const { prefix, thread } = named;
  if (prefix !== deps.statementPrefix)
    return ignored(`statement ${JSON.stringify(statementName)} is of another deployment`);
  if ((await deps.records.read(thread.loadKey)) === undefined)
    return ignored(`no load ${thread.loadKey} exists`);
  const load = await readLoad(deps.records, thread.loadKey);
  const foreign = await whyForeign(statementId, thread, load, deps);
  if (foreign !== undefined) return ignored(foreign);
  if (load.settled !== undefined) return decideSettled(thread, load.settled);
  const newest = await readNewestSubmission(deps.records, load.name);
  if (newest !== undefined && newest.number > thread.try) {
    return ignored(`try ${thread.try} was followed by try ${newest.number}`);
  }
  const state = await deps.warehouse.describe(statementId);
  traceStatement(state, deps);
  return decide({ thread, load, isSwept: isOwnSource(trigger.source) }, state, deps);
};

/** The statement ran between two executions, so that no subsegment can show it. */
const traceStatement = (state: StatementState | undefined, { tracer }: DescribeLoadDeps): void => {
  if (state?.times === undefined) return;
  const { createdMs, updatedMs, ranMs } = state.times;
  tracer?.annotate({
    warehouse_status: state.status,
    warehouse_created_ms: createdMs,
    warehouse_ended_ms: updatedMs,
    warehouse_ran_ms: ranMs,
    warehouse_waited_ms: Math.max(0, updatedMs - createdMs - ranMs),
  });
};

/**
 * Why a statement is not this load's: names and keys come again where a bucket was emptied or made anew, so only the id that was
 * submitted says. The record of it is put after the submission, and where that call's reply was lost only when it is repeated, so an end that comes
 * sooner is looked at again. Throws SubmissionUnknown.
 */
const whyForeign = async (
  statementId: string,
  { try: number }: LoadThread,
  { name, key, settled }: Load,
  { records }: DescribeLoadDeps,
): Promise<string | undefined> => {
  const submitted = await readSubmission(records, name, number);
  if (submitted?.statementId === statementId) return undefined;
  if (submitted !== undefined)
    return `try ${number} of ${key} is statement ${submitted.statementId}, not ${statementId}, which is of another deployment`;
  if (settled !== undefined) return `${key} was settled without a try ${number}`;
  throw new SubmissionUnknown(
    `statement ${statementId} ended, and no record names it as try ${number} of ${key}: it is of another deployment, or its record is not put yet, and the sweep settles it then`,
  );
};

/**
 * The execution that settled the load may have died before it said that the next one may start, and this may be its
 * second run: so what comes after the settling is done again, which changes nothing.
 */
const decideSettled = (thread: LoadThread, settled: SettledRecord): DescribeLoadOutput => {
  if (settled.outcome === 'loaded') return { outcome: 'finished', thread };
  return failed(thread, settled.error ?? new LoadRefused(''), settled.parked);
};

const decide = (
  tried: Try,
  state: StatementState | undefined,
  deps: DescribeLoadDeps,
): DescribeLoadOutput | Promise<DescribeLoadOutput> => {
  // Forgotten after 24 hours: the ledger knows, and a further try asks it.
  if (state === undefined) return retry(tried, 'the warehouse has forgotten the statement');
  switch (state.status) {
    case 'running':
      return ignored('the statement is running');
    case 'finished':
      return { outcome: 'finished', thread: tried.thread };
    case 'aborted':
      return retry(tried, state.error === '' ? 'the statement was aborted' : state.error);
    case 'failed':
      return decideFailure(tried, state, deps);
  }
};

/**
 * An outage outlives the fast tries. After them only the sweep's question begins one more, for as long as the outage takes;
 * the statement's own event begins none, so that the execution fails and the alarm tells of it.
 */
const retry = ({ thread, isSwept }: Try, message: string): DescribeLoadOutput => {
  const again = (waitSeconds: number): DescribeLoadOutput => ({
    outcome: 'retry',
    thread: { ...thread, try: thread.try + 1 },
    waitSeconds,
    message,
  });
  if (thread.try < MAX_TRIES) return again(FIRST_WAIT_SECONDS * 2 ** (thread.try - 1));
  if (isSwept) return again(FIRST_WAIT_SECONDS);
  // ParkLoad parks nothing for it.
  return failed(thread, new LoadTriesExhausted(`${thread.try} tries failed, the last with: ${message}`));
};

/** The listing may lack keys, or the rows are gone. */
const WHAT_TO_DO =
  'nothing was deleted; see whether the listing has all keys that the source has, and where so many are gone in truth, raise compareKeys.atMost in the feed file: the next comparison deletes them';

const decideFailure = async (
  tried: Try,
  state: StatementState,
  deps: DescribeLoadDeps,
): Promise<DescribeLoadOutput> => {
  const { thread, load } = tried;
  const fault = classifyError(state.error);
  switch (fault.kind) {
    case 'transient':
    case 'unready':
      return retry(tried, state.error);
    case 'unknown':
      return (await hasTriedUnknown(load, thread.try, deps))
        ? failed(thread, new LoadRefused(state.error))
        : retry(tried, state.error);
    case 'deletions':
      return failed(thread, new TooManyDeleted(`${fault.told}: ${WHAT_TO_DO}`), [fault.batch]);
    case 'data': {
      const found =
        fault.batch === undefined ? await readLoadErrors(state, { ...deps, load: load.record }) : [];
      const named = [fault.batch, ...found.map(({ batch }) => batch)];
      const batches = load.record.batches.map(({ batch }) => batch);
      const error = new LoadDataRefused([state.error, ...found.map(({ message }) => message)].join('; '));
      return failed(
        thread,
        error,
        batches.filter((batch) => named.includes(batch)),
      );
    }
  }
};
