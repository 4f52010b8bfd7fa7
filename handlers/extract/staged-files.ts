import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import { REJECT_COLUMNS, REJECTS, STAGED_NULL } from '../../shared/csv/staged.ts';
import type { Contract } from '../../shared/feed/contract.ts';
import { type StagedName, toKey } from '../../shared/keys.ts';
import { MAX_FIRST_REJECTS, type Part } from '../../shared/records.ts';
import type { Reject, RowSink } from '../../shared/xml/document.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';

/** A part file is ended, and the next begun, once it is this large: what one COPY slice reads in seconds. */
const PART_FILE_BYTES = 256 * 2 ** 20;

export interface StagedTable {
  readonly rows: number;
  readonly parts: Part[];
}

/** What a step staged, whole at S3. */
export interface Staged {
  readonly tables: Record<string, StagedTable>;
  readonly rejects: StagedTable;
  readonly firstRejects: string[];
}

/** The part files of one step: a multipart upload a table, begun at its first row, and one for rejects. */
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

export interface StagedFilesDeps {
  readonly streams: ObjectStreams;
  readonly openCsvFile: (options: CsvFileOptions) => CsvFile;
  readonly signal: AbortSignal;
  /** Numbers part files over all steps of one attempt. */
  readonly nextPart: () => number;
}

interface TableFiles {
  readonly table: string;
  readonly header: readonly string[] | undefined;
  open: CsvFile | undefined;
  rows: number;
  readonly uploads: Promise<Part>[];
}

/** Opens the files of one step; nothing is uploaded before the first row. */
export const openStagedFiles = (
  contract: Contract,
  name: Pick<StagedName, 'feed' | 'batch' | 'attempt' | 'slice'>,
  deps: StagedFilesDeps,
): StagedFiles => {
  const filesOf = (table: string, header?: readonly string[]): TableFiles => ({
    table,
    header,
    open: undefined,
    rows: 0,
    uploads: [],
  });
  const tables = contract.tables.map(({ table }) => filesOf(table));
  const rejects = filesOf(REJECTS, REJECT_COLUMNS);
  const all = [...tables, rejects];
  const firstRejects: string[] = [];
  let written = 0;
  let failure: Error | undefined;

  /** The first failure ends every file: their bodies are destroyed, so that no upload completes. */
  const fail = (cause: Error): void => {
    if (failure !== undefined) return;
    failure = cause;
    for (const { open } of all) open?.abort(cause);
  };

  const begin = (files: TableFiles): CsvFile => {
    const key = toKey({ kind: 'staged', ...name, table: files.table, part: deps.nextPart() });
    const file = deps.openCsvFile({
      nullText: STAGED_NULL,
      compression: 'zstd',
      ...(files.header === undefined ? {} : { header: files.header }),
    });
    const upload = deps.streams
      .upload(key, file.body, deps.signal)
      .then(() => ({ key, bytes: file.bytes, rows: file.rows }));
    upload.catch(fail); // observed at once: an upload may fail while a page is still being read
    files.uploads.push(upload);
    files.open = file;
    return file;
  };

  const write = (files: TableFiles, values: readonly (string | null)[]): void => {
    if (failure !== undefined) return; // ready() tells; rows until then go nowhere
    if (files.open !== undefined && files.open.bytes >= PART_FILE_BYTES) {
      files.open.end();
      files.open = undefined;
    }
    (files.open ?? begin(files)).write(values);
    files.rows += 1;
    written += 1;
  };

  const reject = (place: string, { table, row, line, column, path, reason, raw }: Reject): void => {
    write(rejects, [table, String(row), place, String(line), String(column), path, reason, raw]);
    if (firstRejects.length < MAX_FIRST_REJECTS) {
      // These come into messages and logs, where row values have no place; the reject file has them.
      const told = reason.replaceAll(/"(?:[^"\\]|\\.)*"/g, 'the value');
      firstRejects.push(`${table} at ${place} line ${line} column ${column}: ${path}: ${told}`);
    }
  };

  const ready = (): Promise<void> | undefined => {
    if (failure !== undefined) return Promise.reject(failure);
    const waits = all.map(({ open }) => open?.ready()).filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
  };

  const settle = async ({ rows, uploads }: TableFiles): Promise<StagedTable> => ({
    rows,
    parts: await Promise.all(uploads),
  });

  return {
    get written() {
      return written;
    },
    sinkOf: (place) => ({
      row: (table, values, row, parentRow) => {
        const files = tables[table];
        if (files === undefined) throw new RangeError(`table ${table} is not in the contract`);
        const tail = parentRow === undefined ? [] : [String(parentRow)];
        write(files, [...values, name.batch, String(row), ...tail]);
      },
      reject: (one) => reject(place, one),
      ready,
    }),
    finish: async () => {
      if (failure !== undefined) throw failure;
      for (const files of all) {
        files.open?.end();
      }
      const settled = await Promise.all(all.map(settle)).catch((error: unknown) => {
        throw failure ?? error;
      });
      const byTable = tables.map(({ table }, i) => [table, settled[i]] as const);
      return {
        tables: Object.fromEntries(
          byTable.filter((entry): entry is [string, StagedTable] => entry[1] !== undefined),
        ),
        rejects: settled.at(-1) ?? { rows: 0, parts: [] },
        firstRejects,
      };
    },
    abort: async (cause) => {
      fail(cause);
      await Promise.allSettled(all.flatMap(({ uploads }) => uploads));
    },
  };
};
