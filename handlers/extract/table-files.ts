import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import { moveRow, newRowBytes, type RowBytes } from '../../shared/csv/row-bytes.ts';
import { STAGED_NULL } from '../../shared/csv/staged.ts';
import type { Part } from '../../shared/state/records.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';

/** A part file is ended, and the next begun, once it is this large: what one COPY slice reads in seconds. */
const PART_FILE_BYTES = 256 * 2 ** 20;

export interface StagedTable {
  readonly rows: number;
  readonly parts: Part[];
}

/** The part files of one table in one step, uploaded as they are written; the first begins at the first row. */
export interface TableFiles {
  write(values: readonly (string | null)[]): void;
  /** Where the next row may be written field by field, which counts once it is ended. */
  row(): RowBytes;
  endRow(): void;
  /** Undefined is ready for more; else wait: backpressure. */
  ready(): Promise<void> | undefined;
  /** Ends the last file and waits until all are at S3. */
  finish(): Promise<StagedTable>;
  /** Destroys the open file's body with the cause, so that its upload does not complete. */
  abort(cause: Error): void;
  /** Resolves when no upload is under way any more, whatever came of them. */
  settle(): Promise<void>;
}

export interface TableFilesDeps {
  readonly streams: ObjectStreams;
  readonly openCsvFile: (options: CsvFileOptions) => CsvFile;
  readonly signal: AbortSignal;
  /** Told of an upload's failure at once: one may fail while a page is still being read. */
  readonly onFailure: (error: Error) => void;
}

/** Opens the files of one table; `nextKey` names each part file, `header` is the first line of each. */
export const openTableFiles = (
  { nextKey, header }: { readonly nextKey: () => string; readonly header?: readonly string[] },
  deps: TableFilesDeps,
): TableFiles => {
  const uploads: Promise<Part>[] = [];
  let open: CsvFile | undefined;
  /** The first row of a file, which is begun for a row that is ended, and for no other. */
  let first: RowBytes | undefined;
  let rows = 0;

  const begin = (): CsvFile => {
    const key = nextKey();
    const format = { nullText: STAGED_NULL, compression: 'zstd' } as const;
    const file = deps.openCsvFile(header === undefined ? format : { ...format, header });
    const upload = deps.streams
      .upload(key, file.body, deps.signal)
      .then(() => ({ key, bytes: file.bytes, rows: file.rows }));
    upload.catch(deps.onFailure);
    uploads.push(upload);
    return file;
  };

  const endFull = (): void => {
    if (open === undefined || open.bytes < PART_FILE_BYTES) return;
    open.end();
    open = undefined;
  };

  return {
    write: (values) => {
      endFull();
      open ??= begin();
      open.write(values);
      rows += 1;
    },
    row: () => {
      endFull();
      first ??= newRowBytes(STAGED_NULL, 0);
      return open?.row ?? first;
    },
    endRow: () => {
      if (open === undefined && first !== undefined) {
        open = begin();
        moveRow(open.row, first);
      }
      open?.endRow();
      rows += 1;
    },
    ready: () => open?.ready(),
    finish: async () => {
      open?.end();
      return { rows, parts: await Promise.all(uploads) };
    },
    abort: (cause) => open?.abort(cause),
    settle: async () => void (await Promise.allSettled(uploads)),
  };
};
