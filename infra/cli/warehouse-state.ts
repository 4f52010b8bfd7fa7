import type { TableContract } from '../../shared/model/contract.ts';
import { LEDGER_REPORT_COLUMNS, ledgerQuery } from '../../shared/sql/ledger-query.ts';
import { MILLRACE_SCHEMA } from '../../shared/sql/names.ts';
import { quoteLiteral, quoteTable } from '../../shared/sql/quote.ts';
import type { Deployment } from './deployment/deployment.ts';
import type { LedgerRow } from './report.ts';
import type { Value } from './rows-format.ts';

type Warehouse = Pick<Deployment, 'query'>;

/** The rows of each table; 0 where nothing was ever loaded into it. */
export const readRowCounts = async (
  warehouse: Warehouse,
  tables: readonly TableContract[],
): Promise<ReadonlyMap<string, number>> => {
  const existing = await readTables(
    warehouse,
    tables.map(({ schema }) => schema),
  );
  const counts = new Map<string, number>();
  for (const table of tables) {
    const isThere = existing.has(`${table.schema}.${table.name}`.toLowerCase());
    counts.set(table.table, isThere ? await countRows(warehouse, table) : 0);
  }
  return counts;
};

const readTables = async (warehouse: Warehouse, schemas: readonly string[]): Promise<ReadonlySet<string>> => {
  const names = [...new Set(schemas.map((schema) => schema.toLowerCase()))].map(quoteLiteral).join(', ');
  const { rows } = await warehouse.query(
    `SELECT DISTINCT table_schema, table_name FROM svv_columns WHERE table_schema IN (${names})`,
  );
  return new Set(rows.map(([schema, name]) => `${schema}.${name}`));
};

const countRows = async (warehouse: Warehouse, table: TableContract): Promise<number> => {
  const { rows } = await warehouse.query(`SELECT COUNT(*) FROM ${quoteTable(table)}`);
  return Number(rows[0]?.[0] ?? 0);
};

/** What the ledger says of some batches of a feed, one row a batch and table. */
export const readLedger = async (
  warehouse: Warehouse,
  feed: string,
  batches: readonly string[],
): Promise<readonly LedgerRow[]> => {
  if (batches.length === 0) return [];
  const existing = await readTables(warehouse, [MILLRACE_SCHEMA]);
  if (!existing.has(`${MILLRACE_SCHEMA}.ledger`)) return [];
  const { rows } = await warehouse.query(ledgerQuery(feed, batches));
  return rows.map((row) => {
    const at = (column: (typeof LEDGER_REPORT_COLUMNS)[number]): Value =>
      row[LEDGER_REPORT_COLUMNS.indexOf(column)] ?? null;
    const count = (column: (typeof LEDGER_REPORT_COLUMNS)[number]): number => Number(at(column) ?? 0);
    return {
      batch: String(at('batch') ?? ''),
      target: String(at('target') ?? ''),
      staged: count('staged'),
      inserted: count('inserted'),
      updated: count('updated'),
      deleted: count('deleted'),
    };
  });
};
