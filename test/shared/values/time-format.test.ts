import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileTimeFormat } from '../../../shared/values/time-format.ts';

const FORMATS = [
  'iso',
  'iso-offset',
  'date',
  'epoch-seconds',
  'epoch-millis',
  "yyyy-MM-dd'T'HH:mm:ss.SSSZ",
  'yyyyMMddHHmm',
  'M/d/yyyy h:mm:ss a',
  'EEE, dd MMM yyyy HH:mm:ss Z',
  "dd.MM.yyyy HH 'o''clock' XXX",
  'yyyy-MM-dd HH:mm:ss.SSSSSSxxx',
];
const time = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) });

test.each(FORMATS)('reads what it writes in %s, cut down to the unit', (text) => {
  const format = compileTimeFormat(text);
  fc.assert(
    fc.property(time, (ms) => {
      const floored = Math.floor(ms / format.unitMs) * format.unitMs;
      expect(format.parse(format.format(ms))?.ms).toBe(floored);
      expect(format.format(floored)).toBe(format.format(ms));
    }),
  );
});

test.each([
  ['iso', '2024-05-22T12:12:50Z'],
  ['iso-offset', '2024-05-22T12:12:50.351+0000'],
  ['date', '2024-05-22'],
  ['epoch-seconds', '1716379970'],
  ['epoch-millis', '1716379970351'],
  ['EEE, dd MMM yyyy HH:mm:ss Z', 'Wed, 22 May 2024 12:12:50 +0000'],
  ['M/d/yy h:mm a', '5/22/24 12:12 PM'],
])('writes %s as %s', (format, text) => {
  expect(compileTimeFormat(format).format(1716379970351)).toBe(text);
});

test.each([
  [
    'iso-offset',
    '2024-05-22T12:12:50.351-0600',
    { ms: 1716401570351, micros: 0, hasOffset: true, offsetMinutes: -360 },
  ],
  [
    'iso-offset',
    '2024-05-22T12:12:50.351-06:00',
    { ms: 1716401570351, micros: 0, hasOffset: true, offsetMinutes: -360 },
  ],
  [
    'yyyy-MM-dd HH:mm:ss.SSSSSS',
    '2024-05-22 12:12:50.351987',
    { ms: 1716379970351, micros: 987, hasOffset: false, offsetMinutes: 0 },
  ],
  ['iso', '2024-05-22T12:12:50Z', { ms: 1716379970000, micros: 0, hasOffset: true, offsetMinutes: 0 }],
])('reads %s of %s', (format, text, expected) => {
  expect(compileTimeFormat(format).parse(text)).toEqual(expected);
});

test.each([
  ['date', '2023-02-29'],
  ['date', '2024-5-1'],
  ['date', ' 2024-05-01'],
  ['iso', '2024-05-22T24:00:00Z'],
  ['iso', '2024-05-22T12:60:00Z'],
  ['iso-offset', '2024-05-22T12:12:50.351+9900'],
  ['h:mm a M/d/yyyy', '13:00 PM 5/22/2024'],
  ['EEE, dd MMM yyyy', 'Thu, 22 May 2024'],
  ['EEE, dd MMM yyyy HH:mm Z', 'Tue, 22 May 2024 01:00 +0200'],
  ['epoch-seconds', '1e3'],
  ['epoch-millis', '99999999999999999999'],
])('takes for no %s: %s', (format, text) => {
  expect(compileTimeFormat(format).parse(text)).toBeUndefined();
});

test('takes the weekday of the day as written', () => {
  const format = compileTimeFormat('EEE, dd MMM yyyy HH:mm Z');
  expect(format.parse('Wed, 22 May 2024 01:00 +0200')?.ms).toBe(Date.UTC(2024, 4, 21, 23));
});

test('knows whether a text of the format says which instant it is', () => {
  for (const text of ['iso', 'iso-offset', 'epoch-seconds', 'epoch-millis', 'yyyyMMdd xx', "yyyy-MM-dd'Z'"])
    expect(compileTimeFormat(text).hasOffset).toBe(true);
  for (const text of ['date', 'yyyy-MM-dd HH:mm']) expect(compileTimeFormat(text).hasOffset).toBe(false);
});

test.each([
  ['yyyy-MM-dd q', 'got q, allowed'],
  ["yyyy-MM-dd'T", 'offset 10 is not closed'],
  ['yyyy-MM', 'has no day'],
  ['yyyy-MM-dd mm', 'has no hour'],
  ['yyyy-MM-dd hh', 'h without a'],
])('refuses the format %s', (format, message) => {
  expect(() => compileTimeFormat(format)).toThrow(message);
});
