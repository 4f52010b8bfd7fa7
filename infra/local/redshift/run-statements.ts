import { LoadFailed } from './copy/load-error.ts';
import type { ObjectSource } from './copy/object-source.ts';
import { runCopy } from './copy/run-copy.ts';
import { keepSorted } from './keep-sorted.ts';
import { nearestName } from './nearest-name.ts';
import type { Postgres } from './postgres.ts';
import { contextOf, StatementCancelled, toRedshiftMessage } from './redshift-error.ts';
import type { ResultTable } from './result-table.ts';
import { runAlter } from './run-alter.ts';
import { type Admitted, admitStatement } from './sql/gate.ts';
import { SqlRefused } from './sql/refusal.ts';
import { quoteLiteral } from './sql/tokens.ts';
import { type Outcome, type PartOutcome, parseOutcome, queryIdOf, type Statement } from './statement.ts';
import { SYSTEM_SCHEMA } from './system-objects.ts';

export interface RunOptions {
  readonly postgres: Postgres;
  readonly objects: ObjectSource;
  /** Lets other work of the process have its turn. Throws StatementCancelled when the request is to end. */
  checkpoint(): Promise<void>;
  /** Called before each statement; throws to fail it on purpose. */
  beforeStatement(sql: string): void;
  /** Milliseconds of any clock that does not go back. */
  now(): number;
}

/**
 * Runs a request's statements as one transaction. The outcome is written in that transaction, so that after a kill the
 * database itself says what it holds. Never throws for what a statement does.
 */
export const runStatements = async (statement: Statement, options: RunOptions): Promise<Outcome> => {
  const { postgres, now } = options;
  const parts: PartOutcome[] = [];
  const startMs = now();
  await postgres.run('BEGIN');
  let timeoutMs = 0;
  let partStartMs = startMs;
  try {
    for (const sql of statement.sqls) {
      partStartMs = now();
      await options.checkpoint();
      options.beforeStatement(sql);
      const admitted = await admitStatement(sql, { isInTransaction: statement.isBatch });
      if (admitted.kind === 'timeout') timeoutMs = admitted.milliseconds;
      const done = await runAdmitted(admitted, options);
      const milliseconds = now() - partStartMs;
      if (timeoutMs > 0 && milliseconds > timeoutMs) {
        throw new SqlRefused('canceling statement due to statement timeout');
      }
      parts.push({ status: 'FINISHED', milliseconds, ...done });
    }
    const outcome: Outcome = { status: 'FINISHED', milliseconds: now() - startMs, parts };
    await markOutcome(postgres, statement.id, outcome);
    await postgres.run('COMMIT');
    return outcome;
  } catch (cause) {
    await postgres.run('ROLLBACK');
    const hint = await nearestName(cause, statement.sqls[parts.length] ?? '', postgres);
    const outcome = toFailure(statement, parts, { cause, hint }, now() - startMs, now() - partStartMs);
    await recordFailure(postgres, statement, outcome, cause);
    return outcome;
  } finally {
    // Each request is a session of its own on Redshift, which its temporary tables do not outlive.
    await postgres.run('DISCARD TEMP');
  }
};

interface Done {
  readonly rows: number;
  readonly result?: ResultTable;
}

const runAdmitted = async (admitted: Admitted, options: RunOptions): Promise<Done> => {
  const { postgres } = options;
  switch (admitted.kind) {
    case 'query': {
      const result = await postgres.query(admitted.text);
      return { rows: result.rows.length, result };
    }
    case 'command': {
      for (const met of admitted.met ?? []) await keepSorted(met, postgres);
      const rows = await postgres.run(admitted.text);
      return { rows: admitted.counts ? rows : -1 };
    }
    case 'alter':
      await runAlter(admitted.alter, postgres);
      return { rows: -1 };
    case 'copy':
      return { rows: await runCopy(admitted.copy, postgres, options.objects, options) };
    case 'timeout':
      return { rows: -1 };
  }
};

const toFailure = (
  statement: Statement,
  parts: readonly PartOutcome[],
  { cause, hint }: { readonly cause: unknown; readonly hint: string },
  milliseconds: number,
  partMs: number,
): Outcome => {
  const isCancelled = cause instanceof StatementCancelled;
  const status = isCancelled ? 'ABORTED' : 'FAILED';
  const error = isCancelled ? cause.message : `${toRedshiftMessage(cause)}${hint}${contextOf(cause)}`;
  const failed: PartOutcome = { status, error, milliseconds: partMs, rows: -1 };
  const skipped = statement.sqls
    .slice(parts.length + 1)
    .map((): PartOutcome => ({ status: 'ABORTED', milliseconds: 0, rows: -1 }));
  const whole = statement.isBatch && !isCancelled ? `Query #${parts.length + 1} failed with ${error}` : error;
  return { status, error: whole, milliseconds, parts: [...parts, failed, ...skipped] };
};

/** Rows of sys_load_error_detail outlive the load that they tell of. */
const recordFailure = async (
  postgres: Postgres,
  statement: Statement,
  outcome: Outcome,
  cause: unknown,
): Promise<void> => {
  await postgres.run('BEGIN');
  if (cause instanceof LoadFailed) {
    const n = outcome.parts.findIndex((part) => part.status === 'FAILED') + 1;
    const { detail } = cause;
    await postgres.run(
      `INSERT INTO ${SYSTEM_SCHEMA}.sys_load_error_detail (user_id, query_id, transaction_id, session_id, database_name, table_id,
         start_time, file_name, line_number, column_name, column_type, column_length, position, error_code, error_message)
       VALUES (100, ${queryIdOf(statement, n)}, ${statement.number}, ${statement.number}, current_database(), 0,
         ${SYSTEM_SCHEMA}.getdate(), ${quoteLiteral(detail.fileName)}, ${detail.lineNumber}, ${quoteLiteral(detail.columnName)},
         ${quoteLiteral(detail.columnType.slice(0, 10))}, ${quoteLiteral(detail.columnLength)}, ${detail.position}, ${detail.errorCode},
         ${quoteLiteral(detail.errorMessage.replaceAll('\0', '').slice(0, 512))})`,
    );
  }
  await markOutcome(postgres, statement.id, outcome);
  await postgres.run('COMMIT');
};

/** Earlier marks go: the journal has had what they say since before this request began. */
const markOutcome = async (postgres: Postgres, id: string, outcome: Outcome): Promise<void> => {
  await postgres.run(`DELETE FROM ${SYSTEM_SCHEMA}.statement_outcome`);
  await postgres.run(
    `INSERT INTO ${SYSTEM_SCHEMA}.statement_outcome (id, outcome) VALUES (${quoteLiteral(id)}, ${quoteLiteral(JSON.stringify(outcome))})`,
  );
};

/** What the database says became of a request; undefined when it holds nothing of it. */
export const readOutcome = async (postgres: Postgres, id: string): Promise<Outcome | undefined> => {
  const { rows } = await postgres.query(
    `SELECT outcome FROM ${SYSTEM_SCHEMA}.statement_outcome WHERE id = ${quoteLiteral(id)}`,
  );
  const text = rows[0]?.[0];
  return text === undefined || text === null ? undefined : parseOutcome(text);
};
