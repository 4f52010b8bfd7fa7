import { stagedColumns } from '../../../../shared/csv/staged.ts';
import { type Contract, type TableContract, targetTables } from '../../../../shared/model/contract.ts';
import {
  familyText,
  feedColumns,
  HASH_NAME,
  recordHash,
  rowText,
} from '../../../../shared/model/record-hash.ts';
import type { ForeignColumns } from '../../../../shared/sql/foreign-columns.ts';
import { loadStatements } from '../../../../shared/sql/load-statements.ts';
import type { LoadBatch } from '../../../../shared/sql/stage-statements.ts';
import type { ModelBatch, ModelRow, Placed } from './model.ts';
import type { Session, StagedFiles } from './session.ts';

/** Loads of model batches: their statements with the staged rows beside them, and what they leave in the tables. */

const valuesOf = (table: TableContract, row: ModelRow): readonly (string | null)[] =>
  table.columns.map(({ name }) => {
    const value = row.values[name] ?? null;
    return value === null ? null : String(value);
  });

/** The hash of a root's row, and of all that lies below it. */
const hashOf = (contract: Contract, table: TableContract, batch: ModelBatch, row: ModelRow): string => {
  const texts: string[] = [];
  const rowsOf = (above: TableContract, parent: ModelRow): void => {
    const { ignore = [], columns } = above;
    const counted = { ...above, columns: columns.filter(({ name }) => !ignore.includes(name)) };
    texts.push(rowText(contract.tables.indexOf(above), valuesOf(counted, parent)));
    for (const child of contract.tables.filter((one) => one.parent?.table === above.table))
      for (const below of batch.tables[child.table] ?? [])
        if (below.parentRow === parent.row) rowsOf(child, below);
  };
  rowsOf(table, row);
  return recordHash(familyText(targetTables(contract)), texts);
};

const toStaged = (
  contract: Contract,
  table: TableContract,
  batch: ModelBatch,
  row: ModelRow,
): readonly (string | null)[] =>
  stagedColumns(table).map((name) => {
    if (name === HASH_NAME) return hashOf(contract, table, batch, row);
    if (name === '_batch') return batch.batch;
    if (name === '_row') return String(row.row);
    if (name === '_parent_row') return String(row.parentRow);
    const value = row.values[name] ?? null;
    return value === null ? null : String(value);
  });

/** Where COPY reads, and as whom. */
export interface Source {
  /** What stands before `<load>/<table>.manifest`. */
  readonly url: string;
  readonly copyRole: string;
}
const NOWHERE: Source = { url: 's3://bucket/', copyRole: 'arn:aws:iam::123456789012:role/copy' };

/** The statements of one load of batches as SQL sees them; `manifestOf` names what COPY reads for a table. */
export const statementsOf = (
  contract: Contract,
  batches: readonly LoadBatch[],
  manifestOf: (table: string) => string,
): readonly string[] =>
  loadStatements({
    feed: contract.feed,
    load: 'load',
    contract,
    batches,
    manifests: Object.fromEntries(contract.tables.map(({ table }) => [table, manifestOf(table)])),
    copyRole: NOWHERE.copyRole,
  });

export interface StageOptions {
  readonly locksLedger?: boolean;
  readonly source?: Source;
  /** Whether its statements are gathered in procedures, as few as they may be. */
  readonly isGathered?: boolean;
}

/** The statements of one load; the rows that its COPYs read are put under their manifests. */
export const stageLoad = (
  contract: Contract,
  batches: readonly ModelBatch[],
  files: StagedFiles,
  load: string,
  foreign: ForeignColumns = {},
  { locksLedger = false, source = NOWHERE, isGathered = false }: StageOptions = {},
): readonly string[] => {
  const manifests: Record<string, string> = {};
  for (const table of contract.tables) {
    const rows = batches.flatMap((batch) =>
      (batch.tables[table.table] ?? []).map((row) => toStaged(contract, table, batch, row)),
    );
    if (rows.length === 0) continue;
    const url = `${source.url}${load}/${table.table}.manifest`;
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
    copyRole: source.copyRole,
    foreign,
    locksLedger,
    ...(isGathered ? { mostSingle: 0 } : {}),
  });
};

/**
 * Runs statements as the Data API runs a batch: one transaction, one session's temporary tables. REPEATABLE READ takes its
 * snapshot at the first read or write, as Redshift's SNAPSHOT isolation does.
 */
export const runBatch = async (
  session: Session,
  statements: readonly string[],
  beforeCommit: () => Promise<void> = () => Promise.resolve(),
  isolation: 'REPEATABLE READ' | 'SERIALIZABLE' = 'REPEATABLE READ',
): Promise<void> => {
  await session.run(`BEGIN ISOLATION LEVEL ${isolation}`);
  try {
    for (const statement of statements) await session.run(statement);
    await beforeCommit();
    await session.run('COMMIT');
  } catch (error) {
    await session.run('ROLLBACK');
    throw error;
  } finally {
    await session.run('DISCARD TEMP');
  }
};

const ORDER = [
  '_batch',
  '_row::int',
  `to_char(_observed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS _observed`,
];

const VALID = ['_valid_from', '_valid_to']
  .map((name) => `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${name}`)
  .concat('_is_current::text');
const MARKED = `to_char(_deleted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS _deleted_at`;
const isMarked = ({ tables }: Contract, { table, marks }: TableContract): boolean =>
  marks === true || tables.some(({ deletes }) => deletes?.table === table && deletes.mode === 'mark');

const canonical = (row: Record<string, unknown>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));

/**
 * All rows of a contract's tables, as sorted text: the feed's columns, and of roots where each row stands in the order of versions. A
 * record that came again, unchanged, leaves its children where they were.
 */
export const readTables = async (
  session: Session,
  contract: Contract,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {};
  for (const table of targetTables(contract)) {
    const columns = [
      ...feedColumns(table).map(({ name }) => `"${name}"::text`),
      ...(table.parent === undefined ? ORDER : []),
      ...(table.disposition === 'history' ? VALID : []),
      ...(isMarked(contract, table) ? [MARKED] : []),
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
    targetTables(contract).map((table) => [
      table.table,
      (model.get(table.table) ?? [])
        .map((row) =>
          canonical({
            ...Object.fromEntries(
              feedColumns(table).map(({ name }) => {
                const value = row.values[name] ?? null;
                return [name, value === null ? null : String(value)];
              }),
            ),
            ...(table.parent === undefined
              ? { _batch: row.batch, _row: row.row, _observed: row.observed }
              : {}),
            ...(row.valid === undefined
              ? {}
              : {
                  _valid_from: row.valid.from,
                  _valid_to: row.valid.to,
                  _is_current: String(row.valid.to === null),
                }),
            ...(isMarked(contract, table) ? { _deleted_at: row.deletedAt } : {}),
          }),
        )
        .toSorted(),
    ]),
  );
