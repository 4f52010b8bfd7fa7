import { stagedColumns } from '../../../../shared/csv/staged.ts';
import type { Contract, TableContract } from '../../../../shared/model/contract.ts';
import { loadStatements } from '../../../../shared/sql/load-statements.ts';
import type { ModelBatch, ModelRow, Placed } from './model.ts';
import type { Session, StagedFiles } from './session.ts';

/** Loads of model batches: their statements with the staged rows beside them, and what they leave in the tables. */

const toStaged = (table: TableContract, batch: string, row: ModelRow): readonly (string | null)[] =>
  stagedColumns(table).map((name) => {
    if (name === '_batch') return batch;
    if (name === '_row') return String(row.row);
    if (name === '_parent_row') return String(row.parentRow);
    const value = row.values[name] ?? null;
    return value === null ? null : String(value);
  });

/** The statements of one load; the rows that its COPYs read are put under their manifests. */
export const stageLoad = (
  contract: Contract,
  batches: readonly ModelBatch[],
  files: StagedFiles,
  load: string,
): readonly string[] => {
  const manifests: Record<string, string> = {};
  for (const table of contract.tables) {
    const rows = batches.flatMap((batch) =>
      (batch.tables[table.table] ?? []).map((row) => toStaged(table, batch.batch, row)),
    );
    if (rows.length === 0) continue;
    const url = `s3://bucket/${load}/${table.table}.manifest`;
    manifests[table.table] = url;
    files.set(url, rows);
  }
  return loadStatements({
    feed: contract.feed,
    load,
    contract,
    batches: batches.map(({ batch, seal, observed, tables }) => ({
      batch,
      seal,
      observed,
      rows: Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.length])),
      rejected: 0,
    })),
    manifests,
    copyRole: 'arn:aws:iam::123456789012:role/copy',
  });
};

/**
 * Runs statements as the Data API runs a batch: one transaction, one session's temporary tables. REPEATABLE READ takes its
 * snapshot at the first read or write, as Redshift's SNAPSHOT isolation does.
 */
export const runBatch = async (session: Session, statements: readonly string[]): Promise<void> => {
  await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    for (const statement of statements) await session.run(statement);
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK');
    throw error;
  } finally {
    await session.run('DISCARD TEMP');
  }
};

const canonical = (row: Record<string, unknown>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));

/** All rows of a contract's tables but for `_loaded_at`, as sorted text. */
export const readTables = async (
  session: Session,
  contract: Contract,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {};
  for (const table of contract.tables) {
    const columns = [
      ...table.columns.map(({ name }) => `"${name}"::text`),
      '_batch',
      '_row::int',
      ...(table.parent === undefined ? [] : ['_parent_row::int']),
      `to_char(_observed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS _observed`,
    ];
    const rows = await session.run(`SELECT ${columns.join(', ')} FROM ${table.table}`);
    found[table.table] = rows.map(canonical).toSorted();
  }
  return found;
};

/** What readTables should find. */
export const expectTables = (
  contract: Contract,
  model: ReadonlyMap<string, readonly Placed[]>,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    contract.tables.map((table) => [
      table.table,
      (model.get(table.table) ?? [])
        .map((row) =>
          canonical({
            ...Object.fromEntries(
              table.columns.map(({ name }) => {
                const value = row.values[name] ?? null;
                return [name, value === null ? null : String(value)];
              }),
            ),
            _batch: row.batch,
            _row: row.row,
            ...(table.parent === undefined ? {} : { _parent_row: row.parentRow }),
            _observed: row.observed,
          }),
        )
        .toSorted(),
    ]),
  );
