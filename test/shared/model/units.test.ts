import { expect, test } from 'vitest';
import { parseDuration, parseSize } from '../../../shared/model/units.ts';

test.each([
  ['0s', 0],
  ['60s', 60_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('reads the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['1B', 1],
  ['64KiB', 65_536],
  ['64MiB', 67_108_864],
  ['1GiB', 1_073_741_824],
])('reads the size %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '5', 'm', '1.5h', '5 m', '-1s', '5w', '1toString', '5M'])(
  'refuses the duration %j',
  (text) => {
    expect(() => parseDuration(text)).toThrow(`got '${text}', allowed a number and one of s m h d`);
  },
);

test('refuses a size in powers of ten', () => {
  expect(() => parseSize('64MB')).toThrow("got '64MB', allowed a number and one of B KiB MiB GiB");
});
