import { classifyError } from '../../../shared/sql/classify-error.ts';
import { LOADED_AT } from '../../../shared/sql/quote.ts';
import { execute, runBatch } from '../place.ts';
import { answers, isAnswered, leaves, type Question } from './question.ts';

const BATCH = 'w-20260101T000000000Z';

/** A root of two rows, of which the plan has one that changed, as a load meets them. */
const met = (target: string): readonly string[] => [
  `CREATE TABLE ${target} (k INT, v VARCHAR(10), seen INT)`,
  `INSERT INTO ${target} VALUES (1, 'old', 1), (2, 'old', 1)`,
  'CREATE TEMP TABLE "millrace$stage_1" (k INT, v VARCHAR(10), n BIGINT)',
  `INSERT INTO "millrace$stage_1" VALUES (1, 'new', 1), (2, 'new', 2), (3, 'new', 3)`,
  `CREATE TEMP TABLE "millrace$plan_1" AS SELECT n, CASE WHEN n = 1 THEN 'updated' ELSE 'unchanged' END AS fate FROM "millrace$stage_1" WHERE n < 3`,
];
const joined = `FROM "millrace$stage_1" JOIN "millrace$plan_1" ON "millrace$plan_1".n = "millrace$stage_1".n AND "millrace$plan_1".fate IN ('updated', 'unchanged')`;

/** Of single forms of SQL that a load is made of. */
export const SQL_QUESTIONS: readonly Question[] = [
  {
    title: 'does the error of a load have the sentence whose cast to BIGINT failed?',
    rests: 'which batch is parked at once; without it the batches are halved until one is left',
    answer: 'yes',
    ask: async (place) => {
      const { error } = await runBatch(place, [
        `CREATE TEMP TABLE "millrace$counted" AS SELECT CAST('${BATCH}' AS VARCHAR(256)) AS batch, CAST(1 AS BIGINT) AS n`,
        `CREATE TEMP TABLE "millrace$batches" AS SELECT CAST(CASE WHEN c.n = 2 THEN CAST(c.n AS VARCHAR(20)) ELSE 'batch ' || c.batch || ' staged ' || CAST(c.n AS VARCHAR(20)) || ' rows of ' || 's.t' || ', its record says ' || CAST(2 AS VARCHAR(20)) END AS BIGINT) AS staged FROM "millrace$counted" c`,
      ]);
      const fault = classifyError(error);
      return fault.kind === 'data' && fault.batch === BATCH ? 'yes' : `no: ${error}`;
    },
  },
  {
    title: 'does UPDATE … FROM take two joined tables?',
    rests: 'how a load writes over the rows that it meets',
    answer: 'yes',
    ask: (place) => {
      const target = `${place.schema}.from_joined`;
      const update = `UPDATE ${target} SET v = "millrace$stage_1".v ${joined} WHERE "from_joined".k = "millrace$stage_1".k`;
      return leaves(place, [...met(target), update], `SELECT k, v FROM ${target} ORDER BY k`, [
        [1, 'new'],
        [2, 'new'],
      ]);
    },
  },
  {
    title: "does UPDATE … FROM take a CASE over the target's own column?",
    rests: 'a record that has not changed keeps its `_loaded_at`',
    answer: 'yes',
    ask: (place) => {
      const target = `${place.schema}.own_column`;
      const update = `UPDATE ${target} SET seen = CASE WHEN "millrace$plan_1".fate = 'updated' THEN 2 ELSE "own_column".seen END ${joined} WHERE "own_column".k = "millrace$stage_1".k`;
      return leaves(place, [...met(target), update], `SELECT k, seen FROM ${target} ORDER BY k`, [
        [1, 2],
        [2, 1],
      ]);
    },
  },
  {
    title: 'is SYSDATE the same in every statement of a batch?',
    rests: '`_loaded_at` is one time for all that a load writes',
    answer: 'yes',
    ask: (place) => {
      const times = `${place.schema}.times`;
      const insert = `INSERT INTO ${times} SELECT ${LOADED_AT}`;
      const statements = [`CREATE TABLE ${times} (loaded TIMESTAMPTZ)`, insert, insert, insert];
      return leaves(place, statements, `SELECT COUNT(*), COUNT(DISTINCT loaded) FROM ${times}`, [[3, 1]]);
    },
  },
  {
    title: 'may a subquery in FROM have subqueries as values in its WHERE?',
    rests: "a load reads the target within the staged keys' range",
    answer: 'yes',
    ask: (place) => {
      const [target, found] = [`${place.schema}.ranged`, `${place.schema}.in_range`];
      return leaves(
        place,
        [
          `CREATE TABLE ${target} (k INT)`,
          `INSERT INTO ${target} VALUES (1), (2), (3), (4)`,
          'CREATE TEMP TABLE "millrace$stage_1" (k INT)',
          'INSERT INTO "millrace$stage_1" VALUES (2), (3)',
          `CREATE TABLE ${found} AS SELECT s.k, t.k AS had FROM "millrace$stage_1" s LEFT JOIN (SELECT k FROM ${target} WHERE k >= (SELECT MIN(k) FROM "millrace$stage_1") AND k <= (SELECT MAX(k) FROM "millrace$stage_1")) t ON t.k = s.k`,
        ],
        `SELECT k, had FROM ${found} ORDER BY k`,
        [
          [2, 2],
          [3, 3],
        ],
      );
    },
  },
  {
    title: "does SYSDATE less INTERVAL '30 days' tell old rows from new ones?",
    rests: 'tombstones go thirty days after their load',
    answer: 'yes',
    ask: (place) => {
      const kept = `${place.schema}.kept`;
      const statements = [
        `CREATE TABLE ${kept} (n INT, loaded TIMESTAMPTZ)`,
        `INSERT INTO ${kept} SELECT 1, ${LOADED_AT}`,
        `INSERT INTO ${kept} SELECT 2, CAST('2020-01-01 00:00:00+00' AS TIMESTAMPTZ)`,
        `DELETE FROM ${kept} WHERE loaded < ${LOADED_AT} - INTERVAL '30 days'`,
      ];
      return leaves(place, statements, `SELECT n FROM ${kept}`, [[1]]);
    },
  },
  {
    title: 'is SPLIT_PART of null null?',
    rests: 'a row without a hash counts as changed',
    answer: 'yes',
    ask: async (place) => {
      const hashes = `${place.schema}.hashes`;
      await execute(place.warehouse, `CREATE TABLE ${hashes} (n INT, had VARCHAR(64))`);
      await execute(place.warehouse, `INSERT INTO ${hashes} VALUES (1, NULL), (2, 'a.b')`);
      return answers(place, `SELECT n, SPLIT_PART(had, '.', 1) FROM ${hashes} ORDER BY n`, [
        [1, null],
        [2, 'a'],
      ]);
    },
  },
  {
    title: 'may a temporary table have a dollar sign in its name?',
    rests: "names of temporary tables, which no feed's table can have",
    answer: 'yes',
    ask: (place) => {
      const target = `${place.schema}.of_dollar`;
      const statements = [
        'CREATE TEMP TABLE "millrace$stage_1" (n INT)',
        'INSERT INTO "millrace$stage_1" VALUES (1)',
        `CREATE TABLE ${target} AS SELECT n FROM "millrace$stage_1"`,
      ];
      return leaves(place, statements, `SELECT n FROM ${target}`, [[1]]);
    },
  },
  {
    title: 'does CREATE SCHEMA IF NOT EXISTS, by itself, leave a schema alone that is there?',
    rests: 'preparing, where another feed makes the schema at the same moment',
    answer: 'yes',
    ask: ({ warehouse, schema }) =>
      isAnswered(() => execute(warehouse, `CREATE SCHEMA IF NOT EXISTS "${schema}"`)),
  },
  {
    title: 'can a varchar of a table with ENCODE AUTO be made longer?',
    rests: 'the encoding is asked of `svv_redshift_columns` first, and changed where it forbids it',
    answer: 'yes',
    ask: async ({ warehouse, schema }) => {
      await execute(warehouse, `CREATE TABLE ${schema}.wider (v VARCHAR(4))`);
      await execute(warehouse, `INSERT INTO ${schema}.wider VALUES ('a'), ('b')`);
      return isAnswered(() =>
        execute(warehouse, `ALTER TABLE ${schema}.wider ALTER COLUMN v TYPE VARCHAR(300)`),
      );
    },
  },
  {
    title: 'may two tables change names inside a transaction?',
    rests: 'how the tables that `rebuild` fills take the place of those that are there',
    answer: 'yes',
    ask: (place) => {
      const named = `${place.schema}.named`;
      const statements = [
        `CREATE TABLE ${named} (n INT)`,
        `CREATE TABLE ${place.schema}."named$beside" (n INT)`,
        `INSERT INTO ${named} VALUES (1)`,
        `DROP TABLE IF EXISTS ${place.schema}."named$old"`,
        `ALTER TABLE ${named} RENAME TO "named$old"`,
        `ALTER TABLE ${place.schema}."named$beside" RENAME TO "named"`,
        `INSERT INTO ${named} VALUES (2)`,
      ];
      return leaves(place, statements, `SELECT n FROM ${named} ORDER BY n`, [[2]]);
    },
  },
];
