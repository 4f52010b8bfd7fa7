import { readColumns } from './copy/run-copy.ts';
import type { Postgres } from './postgres.ts';
import type { MetColumn } from './sql/met-column.ts';
import { quoteTable } from './sql/reader.ts';
import { quoteIdentifier, quoteLiteral } from './sql/tokens.ts';

/**
 * What Redshift does by itself for a table that is met by one of its columns: it sorts it by that, and keeps statistics
 * (t_Creating_tables, t_Analyzing_tables). Here an index does, so that a load costs by its batch; no statement says anything of it.
 */

/** An entry of an index has at most some 2,700 bytes. */
const MAX_BYTES = 2_000;
const PAGE_BYTES = 8_192;

/** Before a statement that meets the table so. */
export const keepSorted = async (met: MetColumn, postgres: Postgres): Promise<void> => {
  const column = (await readColumns(postgres, met.table)).find(({ name }) => name === met.column);
  if (column === undefined || column.type === 'jsonb' || (column.length ?? 0) > MAX_BYTES) return;
  const [table, name] = [quoteTable(met.table), quoteIdentifier(met.column)];
  if ((await findIndexes(met, postgres)).length === 0)
    await postgres.run(`CREATE INDEX ON ${table} (${name})`);
  if (await hasGrown(table, postgres)) await postgres.run(`ANALYZE ${table} (${name})`);
};

/** Before a column gets longer, which may be too long then. */
export const dropSorted = async (met: MetColumn, postgres: Postgres): Promise<void> => {
  for (const index of await findIndexes(met, postgres)) await postgres.run(`DROP INDEX ${index}`);
};

const findIndexes = async ({ table, column }: MetColumn, postgres: Postgres): Promise<readonly string[]> => {
  const { rows } = await postgres.query(
    `SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE i.indrelid = ${quoteLiteral(quoteTable(table))}::regclass AND a.attname = ${quoteLiteral(column)}`,
  );
  return rows.map(([name]) => name ?? '');
};

/** Whether it has twice the pages that it had when it was analyzed. */
const hasGrown = async (table: string, postgres: Postgres): Promise<boolean> => {
  const { rows } = await postgres.query(
    `SELECT pg_relation_size(oid) >= 2 * ${PAGE_BYTES} * GREATEST(relpages, 1) FROM pg_class WHERE oid = ${quoteLiteral(table)}::regclass`,
  );
  return rows[0]?.[0] === 't';
};
