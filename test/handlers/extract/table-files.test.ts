import { expect, test } from 'vitest';
import { openTableFiles } from '../../../handlers/extract/table-files.ts';
import { openCsvFile } from '../../../shared/csv/csv-file.ts';
import { dropRow, type RowBytes, writeValue } from '../../../shared/csv/row-bytes.ts';
import { STAGED_NULL } from '../../../shared/csv/staged.ts';
import { memoryObjectStreams } from '../../fakes/memory-object-streams.ts';
import { readCsv } from '../../shared/csv/read-csv.ts';

/** Rows that are written field by field beside such as come as values. */

const setUp = (bytesOf: (rows: number) => number) => {
  const streams = memoryObjectStreams();
  let part = 0;
  const files = openTableFiles(
    { nextKey: () => `part-${part++}` },
    {
      streams,
      openCsvFile: (options) => {
        const file = openCsvFile({ ...options, compression: 'none' });
        return Object.defineProperty(file, 'bytes', { get: () => bytesOf(file.rows) });
      },
      signal: new AbortController().signal,
      onFailure: (error) => expect.unreachable(String(error)),
    },
  );
  const write = (out: RowBytes, value: string): void => {
    for (const field of [value, null]) writeValue(out, field, 2);
  };
  return {
    files,
    give: (value: string): void => {
      write(files.row(), value);
      files.endRow();
    },
    drop: (value: string): void => {
      const out = files.row();
      write(out, value);
      dropRow(out);
    },
    parts: () =>
      [...streams.objects.values()].map((body) => readCsv(String(body), STAGED_NULL).map(([value]) => value)),
  };
};

const SMALL = (): number => 1;

test('a file is begun for a row that is ended, and for no other', async () => {
  const { files, drop, parts } = setUp(SMALL);
  drop('a');
  drop('b');
  expect(await files.finish()).toEqual({ rows: 0, parts: [] });
  expect(parts()).toEqual([]);
});

test('rows of both kinds are in a file in their order, without those that were dropped', async () => {
  const { files, give, drop, parts } = setUp(SMALL);
  drop('a');
  give('b');
  files.write(['c', null]);
  drop('d');
  give('e');
  expect(await files.finish()).toMatchObject({ rows: 3, parts: [{ key: 'part-0', rows: 3 }] });
  expect(parts()).toEqual([['b', 'c', 'e']]);
});

test('a file that is full is followed by another once it has a row', async () => {
  const { files, give, drop, parts } = setUp((rows) => rows * 200 * 2 ** 20);
  for (const value of ['a', 'b', 'c', 'd']) give(value);
  drop('e');
  expect(await files.finish()).toMatchObject({ rows: 4, parts: [{ rows: 2 }, { rows: 2 }] });
  expect(parts()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});
