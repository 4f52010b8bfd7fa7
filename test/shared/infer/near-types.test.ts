import { expect, test } from 'vitest';
import { inferText } from './inferred.ts';

/** A value a line, from line 2 on. */
const document = (values: readonly string[]): string =>
  `<r>\n${values.map((value) => `<i><v>${value}</v></i>`).join('\n')}\n</r>`;

const times = (n: number) => Array.from({ length: n }, () => '2024-05-22T12:12:50Z');
const numbers = (n: number) => Array.from({ length: n }, (_, at) => String(at));

test.each([
  ['a time', [...times(150), 'soon', ...times(49)], '199 of 200 values are timestamptz', 152],
  ['a number, of which the first value is none', ['none', ...numbers(30)], '30 of 31 values are bigint', 2],
  ['a number, without its commas', [...numbers(60), '1,5', '2,5'], '60 of 62 values are bigint', 62],
  ['yes or no', [...Array(20).fill('true'), 'maybe'], '20 of 21 values are boolean', 22],
])('a text that is nearly %s says so, and where it is not', async (_, values, says, line) => {
  const text = await inferText(document(values));
  expect(text).toMatch(/ v: varchar\(32\) #/);
  expect(text).toContain(`; ${says}, the first that is not is at line ${line}\n`);
  expect(text).not.toMatch(/soon|none|maybe/);
});

test.each([
  ['of words', Array(50).fill('word')],
  ['of few values', [...numbers(8), 'x']],
  ['with many others', [...numbers(100), ...Array(6).fill('x')]],
  ['of codes', ['007', ...Array(30).fill('x')]],
])('a text %s is a text', async (_, values) => {
  expect(await inferText(document(values))).not.toContain('the first that is not');
});

test('a type that holds all values stays as it is', async () => {
  expect(await inferText(document([...numbers(30), '1.5']))).toMatch(/ v: decimal\(\d+,\d+\) # [^;]*\n/);
});
