import { setImmediate } from 'node:timers/promises';
import type { EventOutbox } from '../event-outbox.ts';
import { type EventOrigin, toCompletionEvent } from './completion-event.ts';
import type { ObjectSource } from './copy/object-source.ts';
import type { Faults } from './faults.ts';
import type { Postgres } from './postgres.ts';
import { StatementCancelled } from './redshift-error.ts';
import { readOutcome, runStatements } from './run-statements.ts';
import { SqlRefused } from './sql/refusal.ts';
import { isFinal, type Outcome, type Statement } from './statement.ts';
import type { StatementStore } from './statement-store.ts';

export interface QueueOptions {
  readonly postgres: Postgres;
  readonly objects: ObjectSource;
  readonly store: StatementStore;
  readonly outbox: EventOutbox;
  readonly faults: Faults;
  readonly origin: EventOrigin;
  /** Epoch milliseconds. */
  now(): number;
}

/** Runs requests one after another, in the order in which they were accepted. */
export interface StatementQueue {
  /** Looks for requests in the store. */
  wake(): void;
  /** Ends a request before its next step. False when it has ended already. */
  cancel(id: string): boolean;
  /** Resolves when the request is final, or after so many milliseconds. */
  wait(id: string, milliseconds: number): Promise<void>;
  /** Stops before the next request; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/** Settles first what a kill left open: by what the database holds, never by what was intended. */
export const openStatementQueue = async (options: QueueOptions): Promise<StatementQueue> => {
  const { store } = options;
  const cancelled = new Set<string>();
  const waiting: Waiting = new Map();
  let isStopping = false;
  let running: Promise<void> | undefined;

  const end = (statement: Statement, outcome: Outcome): void => {
    finish(statement, outcome, options);
    cancelled.delete(statement.id);
    for (const resolve of waiting.get(statement.id) ?? []) resolve();
    waiting.delete(statement.id);
  };
  await settleInterrupted(options, end);

  const drain = async (): Promise<void> => {
    // Whoever submits gets an answer before Postgres takes the thread.
    await setImmediate();
    for (;;) {
      const next = store.unfinished()[0];
      if (next === undefined || isStopping) break;
      store.setStatus(next.id, 'STARTED', options.now());
      end(next, await runOne(next, options, () => cancelled.has(next.id)));
    }
    running = undefined;
  };
  return {
    wake: () => {
      running ??= drain();
    },
    cancel: (id) => {
      const statement = store.get(id);
      if (statement === undefined || isFinal(statement.status)) return false;
      cancelled.add(id);
      return true;
    },
    wait: (id, milliseconds) => waitFor(store, waiting, id, milliseconds),
    stop: async () => {
      isStopping = true;
      await running;
    },
  };
};

/** Who waits for which request. */
type Waiting = Map<string, Set<() => void>>;

const finish = (statement: Statement, outcome: Outcome, options: QueueOptions): void => {
  options.store.finish(statement.id, outcome, options.now(), () => {
    if (!statement.withEvent || options.faults.take('loseEvent')) return;
    options.outbox.add(toCompletionEvent(statement, outcome, options.origin, options.now()));
  });
  options.outbox.deliver();
};

const runOne = (
  statement: Statement,
  options: QueueOptions,
  isCancelled: () => boolean,
): Promise<Outcome> => {
  const isAborted = options.faults.take('abort') !== undefined;
  return runStatements(statement, {
    postgres: options.postgres,
    objects: options.objects,
    now: () => performance.now(),
    checkpoint: async () => {
      // Postgres answers without leaving the thread, so that nothing else would ever be served.
      await setImmediate();
      if (isAborted || isCancelled()) throw new StatementCancelled("Query cancelled on user's request");
    },
    beforeStatement: (sql) => {
      const refused = options.faults.take('refuse', sql);
      if (refused !== undefined) throw new SqlRefused(refused.says);
      if (options.faults.take('isolation')) {
        throw new SqlRefused('1023 DETAIL: Serializable isolation violation on table in Redshift');
      }
    },
  });
};

const settleInterrupted = async (
  options: QueueOptions,
  finish: (statement: Statement, outcome: Outcome) => void,
): Promise<void> => {
  for (const statement of options.store.unfinished()) {
    if (statement.status !== 'STARTED') continue;
    const outcome = await readOutcome(options.postgres, statement.id);
    finish(statement, outcome ?? toInterrupted(statement));
  }
};

const toInterrupted = (statement: Statement): Outcome => ({
  status: 'ABORTED',
  error: 'the warehouse was restarted before the transaction was committed',
  milliseconds: 0,
  parts: statement.sqls.map(() => ({ status: 'ABORTED', milliseconds: 0, rows: -1 })),
});

const waitFor = async (
  store: StatementStore,
  waiting: Waiting,
  id: string,
  milliseconds: number,
): Promise<void> => {
  const statement = store.get(id);
  if (milliseconds === 0 || statement === undefined || isFinal(statement.status)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiters = waiting.get(id) ?? new Set();
  waiting.set(id, waiters.add(resolve));
  const timer = setTimeout(resolve, milliseconds);
  await promise;
  clearTimeout(timer);
  waiters.delete(resolve);
};
