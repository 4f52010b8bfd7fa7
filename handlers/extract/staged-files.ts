import { dropRow, newRowBytes, writeValue } from '../../shared/csv/row-bytes.ts';
import { REJECT_COLUMNS, REJECTS, STAGED_NULL } from '../../shared/csv/staged.ts';
import type { Contract } from '../../shared/model/contract.ts';
import { type StagedName, toKey } from '../../shared/state/keys.ts';
import { MAX_FIRST_REJECTS } from '../../shared/state/records.ts';
import type { Reject, RowFields, RowSink } from '../../shared/xml/document.ts';
import { openTableFiles, type StagedTable, type TableFiles, type TableFilesDeps } from './table-files.ts';

/** What a step staged, whole at S3. */
export interface Staged {
  readonly tables: Record<string, StagedTable>;
  readonly rejects: StagedTable;
  readonly firstRejects: string[];
}

/** The part files of one step: those of each table, and of its rejects. The first failure of any ends all. */
export interface StagedFiles {
  /** Takes the rows of one document; `place` stands in its rejects. */
  sinkOf(place: string): RowSink;
  /** Rows and rejects taken so far. */
  readonly written: number;
  /** Ends every file and waits until all are at S3; throws the first failure of any. */
  finish(): Promise<Staged>;
  /** Aborts every upload with the cause and waits until none is open. */
  abort(cause: Error): Promise<void>;
}

export type StagedFilesDeps = Omit<TableFilesDeps, 'onFailure'> & {
  /** Numbers part files over all steps of one invocation. */
  readonly nextPart: () => number;
};

type StepFilesName = Pick<StagedName, 'feed' | 'batch' | 'invocation' | 'slice'>;

/** Opens the files of one step; nothing is uploaded before the first row. */
export const openStagedFiles = (
  contract: Contract,
  name: StepFilesName,
  deps: StagedFilesDeps,
): StagedFiles => {
  let failure: Error | undefined;
  const fail = (cause: Error): void => {
    if (failure !== undefined) return;
    failure = cause;
    for (const one of all) one.abort(cause);
  };
  const filesOf = (table: string, header?: readonly string[]): TableFiles => {
    const nextKey = () => toKey({ kind: 'staged', ...name, table, part: deps.nextPart() });
    return openTableFiles(header === undefined ? { nextKey } : { nextKey, header }, {
      ...deps,
      onFailure: fail,
    });
  };
  const tables = contract.tables.map(({ table }) => filesOf(table));
  const rejects = filesOf(REJECTS, REJECT_COLUMNS);
  const all = [...tables, rejects];
  const firstRejects: string[] = [];
  const rejectedTables = new Set<string>();
  let written = 0;

  const write = (files: TableFiles | undefined, values: readonly (string | null)[]): void => {
    if (failure !== undefined) return; // ready() tells; rows until then go nowhere
    files?.write(values);
    written += 1;
  };
  const nowhere = newRowBytes(STAGED_NULL, 0);
  const fields: RowFields = {
    added: OWN_COLUMNS,
    begin: (table) => (failure === undefined ? tables[table]?.row() : undefined) ?? nowhere,
    end: (table, row, parentRow) => {
      const files = tables[table];
      if (failure !== undefined || files === undefined) {
        dropRow(nowhere);
        return;
      }
      const out = files.row();
      for (const value of ownValues(name.batch, row, parentRow)) writeValue(out, value, OWN_COLUMNS);
      files.endRow();
      written += 1;
    },
  };
  const ready = () => (failure === undefined ? readyOfAll(all) : Promise.reject(failure));

  return {
    get written() {
      return written;
    },
    sinkOf: (place) => ({
      fields,
      row: (table, values, row, parentRow) =>
        write(tables[table], [...values, ...ownValues(name.batch, row, parentRow)]),
      reject: (one) => {
        write(rejects, toRejectValues(one, place));
        // Each table's first, too: where it has no other rows, the message is about it.
        if (firstRejects.length < MAX_FIRST_REJECTS || !rejectedTables.has(one.table))
          firstRejects.push(tellReject(one, place));
        rejectedTables.add(one.table);
      },
      ready,
    }),
    finish: async () => {
      if (failure !== undefined) throw failure;
      const settled = await Promise.all(all.map((one) => one.finish())).catch((error: unknown) => {
        throw failure ?? error;
      });
      return { ...byName(contract, settled), firstRejects };
    },
    abort: async (cause) => {
      fail(cause);
      await Promise.all(all.map((one) => one.settle()));
    },
  };
};

/** Columns that each staged row has of its own. */
const OWN_COLUMNS = 2;

/** What a staged row has behind the columns of its table. */
const ownValues = (batch: string, row: number, parentRow: number | undefined): readonly string[] =>
  parentRow === undefined ? [batch, String(row)] : [batch, String(row), String(parentRow)];

const readyOfAll = (all: readonly TableFiles[]): Promise<void> | undefined => {
  const waits = all.map((one) => one.ready()).filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
};

/** The files of the contract's tables, by name, and behind them those of the rejects. */
const byName = (contract: Contract, settled: readonly StagedTable[]): Omit<Staged, 'firstRejects'> => {
  const none: StagedTable = { rows: 0, parts: [] };
  return {
    tables: Object.fromEntries(contract.tables.map(({ table }, i) => [table, settled[i] ?? none])),
    rejects: settled[contract.tables.length] ?? none,
  };
};

const toRejectValues = ({ table, row, line, column, path, reason, raw }: Reject, place: string) => [
  table,
  String(row),
  place,
  String(line),
  String(column),
  path,
  reason,
  raw,
];

/** For messages and logs, where row values have no place; the reject file has them. */
const tellReject = ({ table, line, column, path, reason }: Reject, place: string): string => {
  const told = reason.replaceAll(/"(?:[^"\\]|\\.)*"/g, 'the value');
  return `${table} at ${place} line ${line} column ${column}: ${path}: ${told}`;
};
