import type { Asking } from '../../shared/attention/asking.ts';
import type { Trouble } from '../../shared/attention/facts.ts';
import { dispositionOf } from '../../shared/sql/dispositions/registry.ts';
import type { BatchRecord } from '../../shared/state/records.ts';

/** The document of `run --json`, and what people are shown of it. */
export interface RunReport {
  readonly ok: boolean;
  readonly feeds: Readonly<Record<string, FeedReport>>;
  readonly failures: readonly Failure[];
  readonly warehouse: WarehouseReport;
  readonly seconds: number;
}

/** What the work asked of the warehouse; not what its report asks. */
export interface WarehouseReport {
  readonly loads: number;
  /** How often a Redshift Serverless would have been woken, and billed a minute at least. */
  readonly wakeUps: number;
}

export interface FeedReport {
  readonly batches: number;
  readonly records: number;
  readonly rejects: number;
  /** Of XML, after decompression. */
  readonly bytes: number;
  readonly warnings: readonly string[];
  /** The batch whose document the source still has, so that nothing was read. */
  readonly unchangedSince?: string;
  readonly tables: Readonly<Record<string, TableReport>>;
  /** For people: they have values of rows. */
  readonly firstRejects?: FirstRejects;
  /** For people: how many of the batches are not empty, and not in the ledger. */
  readonly notLoaded?: number;
  /** For people: the tables whose deleted rows stay, and are marked. */
  readonly marking?: readonly string[];
}

/** The first rows that were rejected. */
export interface FirstRejects {
  /** Each with its place, path and reason. */
  readonly lines: readonly string[];
  /** What shows them all. */
  readonly command: string;
}

export interface TableReport {
  /** In the table afterwards. */
  readonly rows: number;
  readonly staged: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface Failure {
  readonly feed: string;
  /** Empty where it failed before it had a batch, or nobody recorded which. */
  readonly batch: string;
  /** Key of the landed object that was read, for people: the batch is only its hash. */
  readonly landed?: string;
  /** The range that was being read, for people. */
  readonly asked?: Asking;
  /** Why its batch is parked, where it is, for people. */
  readonly parked?: Trouble;
  readonly state: string;
  readonly error: string;
  readonly message: string;
}

/** The report as `run --json` prints it. */
export const toJson = (report: RunReport): string => {
  const failures = report.failures.map(({ landed: _, asked: _a, parked: _p, ...failure }) => failure);
  const feeds = Object.fromEntries(
    Object.entries(report.feeds).map(([name, { firstRejects: _, notLoaded: _n, marking: _m, ...feed }]) => [
      name,
      feed,
    ]),
  );
  return JSON.stringify({ ...report, feeds, failures });
};

/** What the warehouse's ledger says of one batch and table. */
export interface LedgerRow {
  readonly batch: string;
  readonly target: string;
  readonly staged: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Adds up what a run did to one feed. `rowCounts` has the rows that each table holds now. */
export const toFeedReport = (
  batches: readonly BatchRecord[],
  ledger: readonly LedgerRow[],
  rowCounts: ReadonlyMap<string, number>,
): FeedReport => {
  const total = (of: (batch: BatchRecord) => number): number =>
    batches.reduce((sum, batch) => sum + of(batch), 0);
  const loaded = new Set(ledger.map(({ batch }) => batch));
  const notLoaded = batches.filter((one) => !loaded.has(one.batch) && needsLoad(one)).length;
  const tables = [...rowCounts].map(([table, rows]) => [table, { rows, ...sumLedger(ledger, table) }]);
  return {
    batches: batches.length,
    records: total((batch) => batch.records),
    rejects: total((batch) => batch.rejects.rows),
    bytes: total((batch) => batch.bytes),
    warnings: [...new Set(batches.flatMap((batch) => batch.warnings))],
    tables: Object.fromEntries(tables),
    ...(notLoaded === 0 ? {} : { notLoaded }),
  };
};

/** Others change no table: they are settled without a load, and the ledger never has them. */
const needsLoad = ({ rejects, tables, contract }: BatchRecord): boolean =>
  rejects.rows > 0 ||
  Object.values(tables).some(({ rows }) => rows > 0) ||
  contract.tables.some((table) => dispositionOf(table).isWhole);

/** What the ledger says of one table, over all its batches. */
export const sumLedger = (ledger: readonly LedgerRow[], table: string): Omit<TableReport, 'rows'> => {
  const own = ledger.filter(({ target }) => target === table);
  const count = (of: (row: LedgerRow) => number): number => own.reduce((sum, row) => sum + of(row), 0);
  return {
    staged: count((row) => row.staged),
    inserted: count((row) => row.inserted),
    updated: count((row) => row.updated),
    deleted: count((row) => row.deleted),
  };
};
