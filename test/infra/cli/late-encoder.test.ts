import { expect, test } from 'vitest';
import { newLateEncoder } from '../../../infra/cli/late-encoder.ts';
import { toCsv } from '../../../shared/csv/stringify.ts';

test.each([1, 2])('every batch is encoded alike, on whichever thread, with %i cores', async (cores) => {
  const encoder = newLateEncoder(cores);
  const rules = { nullText: '\\N', columns: 3 };
  const batches = Array.from({ length: 40 }, (_, n) => [
    [String(n), null, ''],
    ['\\N', 'a "b", c\r\n', '😀'],
  ]);
  const encoded = await Promise.all(batches.map((rows) => encoder.encode(rows, rules)));
  await encoder.close();
  expect(encoded.map((bytes) => Buffer.from(bytes).toString())).toEqual(
    batches.map((rows) => toCsv(rows, rules)),
  );
});
