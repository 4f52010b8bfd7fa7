import { Readable } from 'node:stream';
import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import { endRow, newRowBytes, takeBytes } from '../../shared/csv/row-bytes.ts';
import { readCsv } from '../shared/csv/read-csv.ts';

/** A CsvFile whose bytes are one JSON array a row, so that tests read rows back without a CSV or zstd reader. */
export const openPlainCsvFile = ({ header, nullText }: CsvFileOptions): CsvFile => {
  const body = new Readable({ read: () => {} });
  let rows = 0;
  let bytes = 0;
  const push = (values: readonly unknown[]) => {
    const line = Buffer.from(`${JSON.stringify(values)}\n`);
    bytes += line.length;
    body.push(line);
  };
  if (header !== undefined) push(header);
  const write = (values: readonly (string | null)[]) => {
    if (body.destroyed) return;
    rows += 1;
    push(values);
  };
  const row = newRowBytes(nullText, 64);
  return {
    body,
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    write,
    row,
    endRow: () => {
      endRow(row);
      for (const values of readCsv(takeBytes(row).toString(), nullText)) write(values);
    },
    ready: () => (body.errored === null ? undefined : Promise.reject(body.errored)),
    end: () => void body.push(null),
    abort: (cause) => void body.destroy(cause),
  };
};

/** The rows of a file's bytes. */
export const parsePlainCsv = (bytes: Buffer): (string | null)[][] =>
  bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
