import { TargetChanged, type TerminalError, WarehouseRefused } from '../../shared/errors.ts';
import { type Contract, type TableContract, targetTables } from '../../shared/model/contract.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { withRecordHash } from '../../shared/model/record-hash.ts';
import { adoptQueries } from '../../shared/sql/adopt-query.ts';
import { dispositionOf } from '../../shared/sql/dispositions/registry.ts';
import type { Found } from '../../shared/sql/prepare/found.ts';
import { hasContracts } from '../../shared/sql/prepare/own-tables.ts';
import { placementChanges, placementQuery } from '../../shared/sql/prepare/placement-changes.ts';
import {
  type Preparation,
  planPreparation,
  recordedContractQuery,
} from '../../shared/sql/prepare-statements.ts';
import { quoteTable } from '../../shared/sql/quote.ts';
import { targetRules } from '../extract/target-rules.ts';
import { readFound } from '../load/read-found.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';
import { findLeftColumns, type LeftColumns } from './left-columns.ts';

/** What a feed, loaded as it is written now, would change in the warehouse, and what is refused. Nothing is changed. */

export interface DiffDeps {
  readonly records: RecordStore;
  readonly warehouse: Pick<Warehouse, 'execute'>;
  readonly signal: AbortSignal;
}

export interface TableDiff extends LeftColumns {
  readonly table: string;
  readonly state: 'new' | 'changed' | 'same';
  /** Columns of the feed that the table does not have. */
  readonly added: readonly string[];
  /** Columns that get longer. */
  readonly widened: readonly string[];
  /** Rows that are there, which have null in what is added; undefined where nothing is. */
  readonly rowsLeftNull: number | undefined;
  /** What a person may run, so that the rows lie as the feed's `distribute` and `sort` say; absent where they do. */
  readonly moves?: readonly string[];
}

export interface FeedDiff {
  readonly feed: string;
  readonly tables: readonly TableDiff[];
  /** What the next load runs first. */
  readonly statements: readonly string[];
  /** What keeps the feed from being loaded, each with what to do, in the order in which they are to be mended. */
  readonly refusals: readonly { readonly error: string; readonly message: string }[];
  /** How rows that are left with null get their values; empty where there are none. */
  readonly advice: string;
}

const NOTHING_LEFT: LeftColumns = { left: [], shorter: [] };

export const diffFeed = async (feed: Feed, deps: DiffDeps): Promise<FeedDiff> => {
  const contract = withRecordHash(feed.contract);
  const found = await readFound(contract, deps.warehouse, deps.signal);
  const preparation = planPreparation(contract, found);
  const isRecorded = await hasRecord(contract, found, deps);
  const refusals = [
    ...preparation.refusals,
    ...(await findSealedRules(contract, preparation, deps)),
    ...(await findDoubles(contract, found, preparation, deps)),
    ...(isRecorded ? findDrift(contract, preparation) : []),
  ];
  const placed = await readPlacement(contract, preparation, deps);
  const tables: TableDiff[] = [];
  for (const table of preparation.tables) {
    // What was loaded by this very contract is no change of it.
    const left = isRecorded ? NOTHING_LEFT : findLeftColumns(table.table, found);
    const moves = placementChanges(table.table, found.columns[0]?.database, placed);
    tables.push({ ...(await toTableDiff(table, left, deps)), ...(moves.length === 0 ? {} : { moves }) });
  }
  const all = [...preparation.statements, ...preparation.forReaders];
  return {
    feed: feed.feed,
    tables,
    statements: isRecorded ? [] : all.filter((sql) => /^(?:CREATE|ALTER|DROP|GRANT) /.test(sql)),
    refusals: refusals.map(({ name, message }) => ({ error: name, message })),
    advice: tables.some(({ rowsLeftNull = 0 }) => rowsLeftNull > 0) ? toAdvice(feed) : '',
  };
};

const hasRecord = async (
  contract: Contract,
  { columns, rules }: Found,
  { warehouse, signal }: DiffDeps,
): Promise<boolean> =>
  hasContracts(columns) &&
  rules.length > 0 &&
  (await warehouse.execute(recordedContractQuery(contract), signal)).length > 0;

/** How tables that are there lie, where the feed says how they are to. */
const readPlacement = async (
  contract: Contract,
  { tables }: Preparation,
  { warehouse, signal }: DiffDeps,
): Promise<readonly (readonly unknown[])[]> => {
  const isAsked = tables.some(
    ({ isNew, table: { distribute, sort } }) => !isNew && (distribute !== undefined || sort !== undefined),
  );
  return isAsked ? warehouse.execute(placementQuery(contract), signal) : [];
};

/** Rules that batches were sealed by; what the warehouse says of a table already is not told twice. */
const findSealedRules = async (
  contract: Contract,
  { refusals }: Preparation,
  { records }: DiffDeps,
): Promise<readonly TerminalError[]> => {
  const sealed = targetRules(records);
  const changed: TerminalError[] = [];
  for (const table of contract.tables) {
    if (refusals.some((is) => is instanceof TargetChanged && is.message.includes(`table ${table.table} `)))
      continue;
    await sealed.check({ ...contract, tables: [table] }).catch((error: unknown) => {
      if (!(error instanceof TargetChanged)) throw error;
      changed.push(error);
    });
  }
  return changed;
};

/** What a table that is taken over has too much of; asked where nothing else is wrong. */
const findDoubles = async (
  contract: Contract,
  found: Found,
  { refusals }: Preparation,
  { warehouse, signal }: DiffDeps,
): Promise<readonly TerminalError[]> => {
  if (refusals.length > 0) return [];
  const refused: TerminalError[] = [];
  for (const { sql, check } of adoptQueries(contract, found))
    for (const row of await warehouse.execute(sql, signal)) {
      try {
        check(row);
      } catch (error) {
        if (!(error instanceof WarehouseRefused)) throw error;
        refused.push(error);
      }
    }
  return refused;
};

/** A contract that is recorded is not prepared again: what somebody dropped since stays away, and loads wait for it. */
const findDrift = (contract: Contract, { tables }: Preparation): readonly TerminalError[] =>
  tables
    .filter(({ isNew, changes }) => isNew || changes.length > 0)
    .map(
      ({ table, isNew, changes }) =>
        new WarehouseRefused(
          `table ${table.table} ${isNew ? 'is not in the warehouse' : `has not what was loaded into it (${changes.map(({ column }) => column).join(' ')})`}, and millrace.contracts says that it was made; ` +
            `to have it made: DELETE FROM millrace.contracts WHERE feed = '${contract.feed}'`,
        ),
    );

const toTableDiff = async (
  { table, isNew, changes }: Preparation['tables'][number],
  left: LeftColumns,
  { warehouse, signal }: DiffDeps,
): Promise<TableDiff> => {
  const of = (kind: 'add' | 'widen'): readonly string[] =>
    changes.filter((change) => change.kind === kind && !change.isBookkeeping).map(({ column }) => column);
  const added = of('add');
  return {
    table: table.table,
    state: isNew ? 'new' : changes.length > 0 ? 'changed' : 'same',
    added,
    widened: of('widen'),
    ...left,
    rowsLeftNull: added.length === 0 ? undefined : await countRows(table, warehouse, signal),
  };
};

const countRows = async (
  table: TableContract,
  warehouse: DiffDeps['warehouse'],
  signal: AbortSignal,
): Promise<number> => {
  const [row] = await warehouse.execute(`SELECT COUNT(*) FROM ${quoteTable(table)}`, signal);
  return Number(row?.[0] ?? 0);
};

/** Of every root, since a file that is landed again is read for all of them; each by its name where they differ. */
const adviseFiles = (contract: Contract): string => {
  const roots = targetTables(contract).filter(({ parent }) => parent === undefined);
  const advice = roots.map((root) => dispositionOf(root).fillAdvice(root, contract.feed));
  const [first = '', ...others] = new Set(advice);
  return others.length === 0 ? first : roots.map(({ table }, at) => `${table}: ${advice[at]}`).join('; ');
};

/** What a batch of another name would not change, or would double, is not read again. */
const toWindowAdvice = (feed: string, contract: Contract): string => {
  const roots = targetTables(contract).filter(({ parent }) => parent === undefined);
  const now = roots.every((root) => dispositionOf(root).isRepeatable)
    ? `, or now: npx millrace backfill ${feed} --from TIME --to TIME`
    : '';
  return `their records are read again when they change at the source${now}; a table of another name is filled from the window's start`;
};

const toAdvice = ({ feed, source, window, contract }: Feed): string => {
  if (source.kind === 's3') return adviseFiles(contract);
  return window === undefined
    ? 'the next run reads everything, and fills them where it replaces or merges'
    : toWindowAdvice(feed, contract);
};
