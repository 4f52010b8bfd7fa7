import { randomUUID } from 'node:crypto';
import { isolationQuery } from '../../../shared/sql/isolation.ts';
import { execute, type Other, type Place, runBatch, waitForEnd } from '../place.ts';
import { answers, type Found, isAnswered, type Question, runs } from './question.ts';

const batch = (statements: readonly string[], name = 'millrace-aws') => ({
  statements,
  name,
  token: randomUUID(),
});

/** Makes a table that another user may read and write, and asks by that user. */
const byOther = async (
  place: Place,
  name: string,
  ask: (other: Other, table: string) => Promise<Found>,
): Promise<Found | undefined> => {
  const { warehouse, schema, other } = place;
  if (other === undefined) return undefined;
  const [table, user] = [`${schema}.${name}`, `"${await other.user()}"`];
  await execute(warehouse, `CREATE TABLE ${table} (n INT)`);
  await execute(warehouse, `GRANT USAGE ON SCHEMA ${schema} TO ${user}`);
  await execute(warehouse, `GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ${table} TO ${user}`);
  return ask(other, table);
};

const MANY = 5;

/** Of batches and who may do what. */
export const DATA_API_QUESTIONS: readonly Question[] = [
  {
    title: 'does a token whose statement failed answer that statement?',
    rests: 'nothing: each try of a load has a token of its own',
    answer: 'yes',
    ask: async ({ warehouse, data }) => {
      const once = batch(["SELECT CAST('nowhere' AS INTEGER)"]);
      const id = await warehouse.submit(once);
      await waitForEnd(data, id);
      const again = await warehouse.submit(once);
      return again === id ? 'yes' : `no: ${again} after ${id}`;
    },
  },
  {
    title: 'may the text of a statement have 150 KB?',
    rests: 'nothing: loads keep to 100 KB',
    answer: 'yes',
    // It keeps to the smaller of the two limits that pages name.
    local: 'no',
    ask: (place) => {
      const lengths = Array.from({ length: 5 }, () => `LEN('${'x'.repeat(30_000)}')`);
      return isAnswered(() => runs(place, [`SELECT ${lengths.join(' + ')} AS n`]).then(orThrow));
    },
  },
  {
    title: 'has a batch of several statements one completion event?',
    rests: 'how often a load is settled; a second time finds it settled',
    answer: 'yes',
    ask: async ({ warehouse, countEvents }) => {
      const count = await countEvents?.(() =>
        warehouse.submit(batch(['SELECT 1', 'SELECT 2', 'SELECT 3'], 'millrace-aws-event')),
      );
      if (count === undefined) return undefined;
      return count === 1 ? 'yes' : `no: ${count} events`;
    },
  },
  {
    title: 'do batches at once that LOCK first wait for each other, and none fails?',
    rests: 'a load bumps a counter after the lock, so that an older snapshot fails and is tried again',
    answer: 'yes',
    ask: async (place) => {
      const mutex = `${place.schema}.mutex`;
      await execute(place.warehouse, `CREATE TABLE ${mutex} (loads BIGINT)`);
      await execute(place.warehouse, `INSERT INTO ${mutex} VALUES (0)`);
      const load = [`LOCK ${mutex}`, `UPDATE ${mutex} SET loads = loads + 1`];
      const states = await Promise.all(Array.from({ length: MANY }, () => runBatch(place, load)));
      const failed = states.find(({ status }) => status !== 'finished');
      if (failed !== undefined) return `no: ${failed.error}`;
      return answers(place, `SELECT loads FROM ${mutex}`, [[MANY]]);
    },
  },
  {
    title: 'may a user LOCK a table of another, of which it may select, insert, update and delete rows?',
    rests: 'the loading user owns the tables of `millrace`',
    answer: 'yes',
    ask: (place) =>
      byOther(place, 'locked', ({ warehouse, data }, table) =>
        runs({ ...place, warehouse, data }, [`LOCK ${table}`, `UPDATE ${table} SET n = n + 1`]),
      ),
  },
  {
    title: 'does svv_redshift_columns show the table of another to a user who may select from it?',
    rests: "where it shows none, Redshift's own refusal is what is told",
    answer: 'yes',
    ask: (place) =>
      byOther(place, 'shown', ({ warehouse }) =>
        answers(
          { ...place, warehouse },
          `SELECT column_name FROM svv_redshift_columns WHERE schema_name = '${place.schema}' AND table_name = 'shown'`,
          [['n']],
        ),
      ),
  },
  {
    title: 'can stv_db_isolation_level be asked?',
    rests: 'where it is refused, loads do not lock the ledger, and those that conflict are tried again',
    answer: 'yes',
    ask: ({ warehouse }) => isAnswered(() => execute(warehouse, isolationQuery())),
  },
  {
    title: 'may a role describe the statement of another?',
    rests: 'SubmitLoad, DescribeLoad and Sweep share a role',
    answer: 'no',
    ask: async ({ warehouse, data, other }) => {
      if (other === undefined) return undefined;
      const id = await warehouse.submit(batch(['SELECT 1']));
      await waitForEnd(data, id);
      await execute(other.warehouse, 'SELECT 1');
      return isAnswered(async () => {
        if ((await other.warehouse.describe(id)) === undefined) throw new Error('it is not found');
      });
    },
  },
];

const orThrow = (found: Found): void => {
  if (found !== 'yes') throw new Error(found);
};
