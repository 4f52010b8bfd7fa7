import { classifyError } from '../../../shared/sql/classify-error.ts';
import { MILLRACE_SCHEMA } from '../../../shared/sql/names.ts';
import { inProcedures } from '../../../shared/sql/procedures.ts';
import { LOADED_AT, quoteIdentifier } from '../../../shared/sql/quote.ts';
import { execute, type Place, runBatch } from '../place.ts';
import { answers, leaves, type Question } from './question.ts';

const BATCH = 'w-20260101T000000000Z';
const MANY = 5;

/** As the statements of a load of many tables are, with those before and behind them. */
const gathered = (place: Place, statements: readonly string[]): readonly string[] =>
  inProcedures(statements).map((sql) =>
    sql.replaceAll(`${quoteIdentifier(MILLRACE_SCHEMA)}.`, `${place.schema}.`),
  );

/** Fewer than four statements are not gathered. */
const inserts = (table: string, value: string): readonly string[] =>
  Array.from({ length: MANY }, () => `INSERT INTO ${table} SELECT ${value}`);

/** Of procedures, which a load of many tables is gathered in. */
export const PROCEDURE_QUESTIONS: readonly Question[] = [
  {
    title: 'may a procedure be made, called and dropped in a transaction, behind a LOCK?',
    rests: 'loads of feeds that have more tables than 40 statements load one by one',
    answer: 'yes',
    ask: (place) => {
      const [mutex, target] = [`${place.schema}.behind_lock`, `${place.schema}.by_procedure`];
      const procedure = gathered(place, [
        'CREATE TEMP TABLE "millrace$stage_1" (n INT)',
        'CREATE TEMP TABLE "millrace$plan_1" AS SELECT CAST(1 AS INT) AS n UNION ALL SELECT CAST(2 AS INT) AS n',
        'INSERT INTO "millrace$stage_1" SELECT n FROM "millrace$plan_1"',
        `INSERT INTO ${target} SELECT n FROM "millrace$stage_1"`,
      ]);
      const behind = `INSERT INTO ${target} SELECT n + 10 FROM "millrace$stage_1"`;
      return execute(place.warehouse, `CREATE TABLE ${mutex} (loads BIGINT)`)
        .then(() => execute(place.warehouse, `CREATE TABLE ${target} (n INT)`))
        .then(() =>
          leaves(place, [`LOCK ${mutex}`, ...procedure, behind], `SELECT n FROM ${target} ORDER BY n`, [
            [1],
            [2],
            [11],
            [12],
          ]),
        );
    },
  },
  {
    title: 'does the error of a procedure have the sentence whose cast to BIGINT failed?',
    rests: 'what a load of many tables says where the ledger does not account for all rows',
    answer: 'yes',
    ask: async (place) => {
      const { error } = await runBatch(
        place,
        gathered(place, [
          `CREATE TEMP TABLE "millrace$counted" AS SELECT CAST('${BATCH}' AS VARCHAR(256)) AS batch, CAST(1 AS BIGINT) AS n`,
          'CREATE TEMP TABLE "millrace$a" (n INT)',
          'CREATE TEMP TABLE "millrace$b" (n INT)',
          `CREATE TEMP TABLE "millrace$batches" AS SELECT CAST('batch ' || c.batch || ' staged ' || CAST(c.n AS VARCHAR(20)) || ' rows of ' || 's.t' AS BIGINT) AS staged FROM "millrace$counted" c`,
        ]),
      );
      const fault = classifyError(error);
      return fault.kind === 'data' && fault.batch === BATCH ? 'yes' : `no: ${error}`;
    },
  },
  {
    title: 'is SYSDATE within a procedure that of the statements around it?',
    rests: '`_loaded_at` is one time for all that a load of many tables writes',
    answer: 'yes',
    ask: (place) => {
      const times = `${place.schema}.procedure_times`;
      const insert = inserts(times, LOADED_AT);
      const statements = [
        `CREATE TABLE ${times} (loaded TIMESTAMPTZ)`,
        ...insert.slice(0, 1),
        ...gathered(place, insert),
        ...insert.slice(0, 1),
      ];
      return leaves(place, statements, `SELECT COUNT(*), COUNT(DISTINCT loaded) FROM ${times}`, [
        [MANY + 2, 1],
      ]);
    },
  },
  {
    title: 'do batches at once that make procedures of different names end, each of them?',
    rests: 'loads of different feeds run side by side; one that fails for it is tried again',
    answer: 'yes',
    ask: async (place) => {
      const target = `${place.schema}.by_procedures`;
      await execute(place.warehouse, `CREATE TABLE ${target} (n INT)`);
      const batches = Array.from({ length: MANY }, (_, n) => gathered(place, inserts(target, String(n))));
      const states = await Promise.all(batches.map((statements) => runBatch(place, statements)));
      const failed = states.find(({ status }) => status !== 'finished');
      if (failed !== undefined) return `no: ${failed.error}`;
      return answers(place, `SELECT COUNT(*) FROM ${target}`, [[MANY * MANY]]);
    },
  },
];
