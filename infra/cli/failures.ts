import * as z from 'zod';
import { toAsking } from '../../handlers/operate/backfill-request.ts';
import type { Asking } from '../../shared/attention/asking.ts';
import { backfill } from '../../shared/state/backfill.ts';
import { failureCause } from '../../shared/state/error-output.ts';
import type { ParkedRecord } from '../../shared/state/records.ts';
import type { CloudProgress, ExecutionRecord } from '../local/local-cloud.ts';
import type { Failure } from './report.ts';

/** Where an execution went wrong, as its states told while it ran. */
export interface FailureLog {
  observe(progress: CloudProgress): void;
  /** The state that failed first, by the execution's machine and name. */
  stateOf(execution: ExecutionRecord): string | undefined;
}

export const makeFailureLog = (): FailureLog => {
  const states = new Map<string, string>();
  return {
    observe: (progress) => {
      if (progress.type !== 'state-failed') return;
      const key = `${progress.machine}/${progress.name}`;
      if (!states.has(key)) states.set(key, lastSegment(progress.path));
    },
    stateOf: ({ machine, name }) => states.get(`${machine}/${name}`),
  };
};

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What an execution of Extract ends with that found its feed busy: nothing was read for its schedule. */
const busy = z.object({
  outcome: z.literal('busy'),
  error: z.object({ Error: z.string(), Cause: z.string().optional() }),
});

const busyOf = (execution: ExecutionRecord) => busy.safeParse(parseJson(execution.output)).data;

/** Events come at least once: what one execution found busy, another one of the same event may have done. */
const isDoneElsewhere = (
  { machine, input }: ExecutionRecord,
  executions: readonly ExecutionRecord[],
): boolean =>
  executions.some(
    (other) =>
      other.machine === machine &&
      other.input === input &&
      other.status === 'SUCCEEDED' &&
      busyOf(other) === undefined,
  );

/** The execution as it failed; one that ended well and found its feed busy failed who fired it. */
const asFailed = (
  execution: ExecutionRecord,
  executions: readonly ExecutionRecord[],
): readonly ExecutionRecord[] => {
  if (execution.status === 'FAILED' || execution.status === 'TIMED_OUT') return [execution];
  const found = busyOf(execution);
  if (found === undefined || isDoneElsewhere(execution, executions)) return [];
  const { Error: error, Cause: cause } = found.error;
  return [{ ...execution, error, ...(cause === undefined ? {} : { cause }) }];
};

/** Every execution that failed or found its feed busy, and every batch parked, each told once. */
export const toFailures = (
  executions: readonly ExecutionRecord[],
  parked: readonly ParkedRecord[],
  log: FailureLog,
): readonly Failure[] => {
  const told = executions
    .flatMap((execution) => asFailed(execution, executions))
    .map((execution) => toFailure(execution, parked, log));
  const isTold = ({ feed, batch }: ParkedRecord): boolean =>
    told.some((failure) => failure.feed === feed && failure.batch === batch);
  const others = parked.filter((one) => !isTold(one));
  return [
    ...told,
    ...others.map(({ feed, batch, state, error, message }) => ({ feed, batch, state, error, message })),
  ];
};

const toFailure = (execution: ExecutionRecord, parked: readonly ParkedRecord[], log: FailureLog): Failure => {
  const cause = failureCause.safeParse(parseJson(execution.cause)).data;
  const feed = cause?.feed ?? feedOf(execution.input);
  const error = execution.error ?? execution.status;
  const message = cause?.errorMessage ?? execution.cause ?? 'the execution says no more';
  const record = parked.find((one) => one.feed === feed && one.error === error && one.message === message);
  const batch = cause?.batch ?? record?.batch ?? '';
  const state =
    cause?.state ??
    record?.state ??
    log.stateOf(execution) ??
    lastSegment(execution.failedState ?? execution.machine);
  const landed = landedKeyOf(execution.input);
  const asked = askingOf(execution.input);
  const more = { ...(landed === undefined ? {} : { landed }), ...(asked === undefined ? {} : { asked }) };
  return { feed, batch, ...more, state, error, message };
};

const trigger = z.object({
  feed: z.string().optional(),
  detail: z
    .object({
      feed: z.string().optional(),
      object: z.object({ key: z.string() }).optional(),
      statementName: z.string().optional(),
      backfill: backfill.optional(),
    })
    .optional(),
});

/** The range that an execution was started for. */
const askingOf = (input: string): Asking | undefined => {
  const { feed, backfill: range } = trigger.safeParse(parseJson(input)).data?.detail ?? {};
  return range && toAsking(feed ?? '', range);
};

/** The key of the landed object that started an execution; a load is started by its batch's record. */
const landedKeyOf = (input: string): string | undefined => {
  const key = trigger.safeParse(parseJson(input)).data?.detail?.object?.key;
  return key?.startsWith('batches/') ? undefined : key;
};

/** The feed that an execution worked on, by what started it; empty where that does not say. */
export const feedOf = (input: string): string => {
  const parsed = trigger.safeParse(parseJson(input));
  if (!parsed.success) return '';
  const { feed, detail } = parsed.data;
  // A key is landing/<feed>/… or batches/<feed>/…, a load's statement <deployment>/<feed>/….
  const path = detail?.object?.key ?? detail?.statementName ?? '';
  return feed ?? detail?.feed ?? path.split('/')[1] ?? '';
};

const parseJson = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};
