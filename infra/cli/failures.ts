import { z } from 'zod';
import type { ParkedRecord } from '../../shared/records.ts';
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

/** Every execution that failed and every batch parked, each told once. */
export const toFailures = (
  executions: readonly ExecutionRecord[],
  parked: readonly ParkedRecord[],
  log: FailureLog,
): readonly Failure[] => {
  const failed = executions.filter(({ status }) => status === 'FAILED' || status === 'TIMED_OUT');
  const told = failed.map((execution) => toFailure(execution, parked, log));
  const others = parked.filter(({ batch }) => !told.some((failure) => failure.batch === batch));
  return [
    ...told,
    ...others.map(({ feed, batch, state, error, message }) => ({ feed, batch, state, error, message })),
  ];
};

const toFailure = (execution: ExecutionRecord, parked: readonly ParkedRecord[], log: FailureLog): Failure => {
  const feed = feedOf(execution.input);
  const error = execution.error ?? execution.status;
  const message = messageOf(execution.cause) ?? 'the execution says no more';
  const record = parked.find((one) => one.feed === feed && one.error === error && one.message === message);
  const state = log.stateOf(execution) ?? lastSegment(execution.failedState ?? execution.machine);
  return { feed, batch: record?.batch ?? '', state: record?.state ?? state, error, message };
};

const lambdaCause = z.object({ errorMessage: z.string() });

/** A failed Lambda's cause is JSON with the message in it; others are text. */
const messageOf = (cause: string | undefined): string | undefined => {
  const parsed = lambdaCause.safeParse(parseJson(cause));
  return parsed.success ? parsed.data.errorMessage : cause;
};

const trigger = z.object({
  feed: z.string().optional(),
  detail: z
    .object({ feed: z.string().optional(), object: z.object({ key: z.string() }).optional() })
    .optional(),
});

/** The feed that an execution worked on, by what started it; empty where that does not say. */
export const feedOf = (input: string): string => {
  const parsed = trigger.safeParse(parseJson(input));
  if (!parsed.success) return '';
  const { feed, detail } = parsed.data;
  return feed ?? detail?.feed ?? detail?.object?.key.split('/')[1] ?? '';
};

const parseJson = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};
