import { Readable } from 'node:stream';
import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import { type Field, MOST_WRITTEN, writeSpan } from '../../shared/values/spans.ts';

/** A CsvFile whose bytes are one JSON array a row, so that tests read rows back without a CSV or zstd reader. */
export const openPlainCsvFile = ({ header }: CsvFileOptions): CsvFile => {
  const body = new Readable({ read: () => {} });
  let rows = 0;
  let bytes = 0;
  const push = (values: readonly unknown[]) => {
    const line = Buffer.from(`${JSON.stringify(values)}\n`);
    bytes += line.length;
    body.push(line);
  };
  if (header !== undefined) push(header);
  return {
    body,
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    write: (values, source = new Uint8Array()) => {
      if (body.destroyed) return;
      rows += 1;
      push(values.map((value) => toText(value, source)));
    },
    ready: () => (body.errored === null ? undefined : Promise.reject(body.errored)),
    end: () => void body.push(null),
    abort: (cause) => void body.destroy(cause),
  };
};

const toText = (value: Field, source: Uint8Array): string | null => {
  if (typeof value !== 'number') return value;
  const text = Buffer.alloc(MOST_WRITTEN);
  return text.toString('latin1', 0, writeSpan(text, 0, source, value));
};

/** The rows of a file's bytes. */
export const parsePlainCsv = (bytes: Buffer): (string | null)[][] =>
  bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
