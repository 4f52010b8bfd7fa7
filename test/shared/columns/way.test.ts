import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toColumnTyper } from '../../../shared/columns/way.ts';
import type { ColumnContract, ColumnType } from '../../../shared/model/contract.ts';
import type { Found } from '../../../shared/values/found.ts';
import { toEpochMs } from '../../../shared/values/times.ts';
import { column } from '../xml/documents.ts';

const typed = (
  type: ColumnType,
  found: Found | readonly Found[] | undefined,
  more: Partial<ColumnContract> = {},
) => {
  const value = toColumnTyper(column('c', 'c', { type, ...more }))(found);
  return typeof value === 'object' && value !== null ? `! ${value.reason}` : value;
};

const BIGINT = { kind: 'bigint' } as const;
const MONEY = { kind: 'decimal', precision: 6, scale: 2 } as const;
const AT = { kind: 'timestamptz' } as const;
const LOCAL = { kind: 'timestamp' } as const;
const TEXT = { kind: 'varchar', length: 8 } as const;

describe('a value of its type is written in canonical text', () => {
  test.each([
    [BIGINT, '007', '7'],
    [BIGINT, '+5', '5'],
    [BIGINT, '-0', '0'],
    [BIGINT, ' 12 ', '12'],
    [BIGINT, '-9223372036854775808', '-9223372036854775808'],
    [MONEY, '1', '1.00'],
    [MONEY, '-.5', '-0.50'],
    [MONEY, '1e1', '10.00'],
    [MONEY, '12.3400', '12.34'],
    [MONEY, '-0.00', '0.00'],
    [MONEY, '0e99999', '0.00'],
    [
      { kind: 'decimal', precision: 38, scale: 10 },
      '1234567890123456789012345678.0123456789',
      '1234567890123456789012345678.0123456789',
    ],
    [{ kind: 'double precision' }, '+1.50', '1.5'],
    [{ kind: 'double precision' }, '1e21', '1e21'],
    [{ kind: 'real' }, '-0.0', '0'],
    [{ kind: 'boolean' }, 'True', 'true'],
    [{ kind: 'boolean' }, '0', 'false'],
    ...['T', 'yes', 'Y', 'On'].map((word) => [{ kind: 'boolean' } as const, word, 'true'] as const),
    ...['f', 'NO', 'n', 'off'].map((word) => [{ kind: 'boolean' } as const, word, 'false'] as const),
    [{ kind: 'date' }, '2024-02-29', '2024-02-29'],
    [{ kind: 'date' }, '2024-02-29+02:00', '2024-02-29'],
    [LOCAL, '2024-05-22T12:12:50', '2024-05-22 12:12:50'],
    [LOCAL, '2024-05-22T12:12:50+02:00', '2024-05-22 10:12:50'],
    [LOCAL, '0099-12-31T24:00:00', '0100-01-01 00:00:00'],
    [AT, '2024-05-22T12:12:50.351+0000', '2024-05-22 12:12:50.351000+00'],
    [AT, '2024-05-22T12:12:50.000Z', '2024-05-22 12:12:50+00'],
    [AT, '2001-02-28T23:30:00.1234567-02:00', '2001-03-01 01:30:00.123456+00'],
    [AT, '2024-12-31 23:59:59+0530', '2024-12-31 18:29:59+00'],
    [TEXT, ' ab ', 'ab'],
    [TEXT, 'ééé', 'ééé'],
    [{ kind: 'super' }, 'a"b', '"a\\"b"'],
  ] as const)('%o takes %s as %s', (type, text, canonical) => {
    expect(typed(type, text)).toBe(canonical);
  });
});

describe('a value that is not of its type says what it is and what is allowed', () => {
  test.each([
    [{ kind: 'smallint' }, '32768', '"32768" is not in the range of smallint, -32768 to 32767'],
    [BIGINT, '9223372036854775808', 'is not in the range of bigint'],
    [BIGINT, '1.0', '"1.0" is not an integer'],
    [MONEY, '12345', '"12345" is not in the range of decimal(6,2)'],
    [MONEY, '1.005', '"1.005" has more than 2 fraction digits'],
    [MONEY, '1e999999', 'is not in the range of decimal(6,2)'],
    [MONEY, '.', '"." is not a number'],
    [{ kind: 'real' }, '1e39', 'is not in the range of real'],
    [{ kind: 'double precision' }, '1e-400', 'is not in the range of double precision'],
    [{ kind: 'double precision' }, 'NaN', 'is not a finite number'],
    [{ kind: 'boolean' }, 'ja', 'allowed: true, t, yes, y, on, false, f, no, n, off in any case, 1, 0'],
    [MONEY, '1.0050', 'write type decimal(7,3) to keep them'],
    [
      MONEY,
      'INF',
      'is not a finite number; write onError: setNull to load null in its place, or type varchar(n)',
    ],
    [{ kind: 'date' }, '31.12.2024', 'write format: "d.M.yyyy"'],
    [{ kind: 'date' }, '01/02/2024', 'write format: "d/M/yyyy" or "M/d/yyyy"'],
    [LOCAL, '1716379970', 'write format: "epoch-seconds"'],
    [AT, '31.12.2024 10:00', 'write format: "d.M.yyyy HH:mm" and zone: it has no offset from UTC'],
    [AT, 'Wed, 22 May 2024 12:12:50 +0200', 'write format: "rfc822"'],
    [{ kind: 'date' }, '2023-02-29', '"2023-02-29" is not a date of ISO 8601'],
    [{ kind: 'date' }, '2024-05-22T12:00:00Z', 'has a time of day'],
    [LOCAL, '2024-05-22T25:00:00', 'is not a timestamp of ISO 8601'],
    [LOCAL, '2024-05-22T23:59:60', 'is not a timestamp of ISO 8601'],
    [AT, '2024-05-22T12:12:50', 'has no offset from UTC'],
    [AT, '9999-12-31T23:59:59-01:00', 'is not a timestamptz'],
    [TEXT, 'ééééé', '"ééééé" is 10 bytes long, allowed 8'],
    [{ kind: 'char', length: 4 }, 'é', 'char(4) cannot hold'],
  ] as const)('%o refuses %s', (type, text, reason) => {
    expect(typed(type, text)).toContain(`! `);
    expect(typed(type, text)).toContain(reason);
  });
});

describe('a value goes its way: many, trim, empty, type, default, required', () => {
  test('several matches are one value as the column says', () => {
    expect(typed(TEXT, ['a', 'b'])).toBe('! 2 elements match, allowed one');
    expect(typed(TEXT, ['a', 'b'], { many: 'first' })).toBe('a');
    expect(typed(TEXT, ['a', 'b'], { many: 'last' })).toBe('b');
    expect(typed(TEXT, ['a', 'b'], { many: 'join', separator: '; ' })).toBe('a; b');
    expect(typed(TEXT, 'a', { many: 'json' })).toBe('["a"]');
    expect(typed({ kind: 'super' }, [' a ', null, ''], { many: 'json' })).toBe('["a",null,null]');
  });

  test('join and json trim each match; join leaves nulls out, and is null when nothing is left', () => {
    const join = (found: readonly Found[], more: Partial<ColumnContract> = {}) =>
      typed(TEXT, found, { many: 'join', separator: ';', ...more });
    expect(join(['\n a ', null, '', ' b'])).toBe('a;b');
    expect([join([' ', null]), join([' '], { default: 'd' })]).toEqual([null, 'd']);
    expect(join([' ', 'b'], { empty: 'keep' })).toBe(';b');
    expect(join([' a', 'b '], { trim: false })).toBe(' a;b ');
    expect(typed({ kind: 'super' }, [' a\t', null, ' '], { many: 'json' })).toBe('["a",null,null]');
  });

  test('trim takes the white space of XML and no other', () => {
    const long = { kind: 'varchar', length: 99 } as const;
    expect(typed(long, ' \t\r\n\u00a0k\u3000\ufeff \n')).toBe('\u00a0k\u3000\ufeff');
    fc.assert(
      fc.property(fc.string(), (text) => {
        const xml = text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '');
        expect(typed({ kind: 'varchar', length: 999 }, text)).toBe(xml === '' ? null : xml);
      }),
    );
  });

  test('a long text of digits is refused in no more time than it takes to cut it', () => {
    const cpuOf = (length: number): number => {
      const texts = [
        '0'.repeat(length),
        '1'.repeat(length),
        `${'0'.repeat(length)}x`,
        `0.${'0'.repeat(length)}x`,
      ];
      const before = process.cpuUsage();
      for (const kind of ['bigint', 'real', 'boolean', 'date', 'timestamptz'] as const)
        for (const text of texts) expect(typed({ kind }, text)).toContain('! ');
      for (const text of texts)
        expect(typed(MONEY, text)).toContain('characters long, allowed for a number 1100');
      return process.cpuUsage(before).user / 1000;
    };
    // Backtracking takes minutes for these; what is linear takes milliseconds.
    expect(cpuOf(400_000)).toBeLessThan(1000);
  });

  test('a string of a super array is no longer than a super takes, as one alone', () => {
    const long = 'é'.repeat(32_768);
    const reason = 'is 65536 bytes long, allowed 65535 for a string in super';
    expect(typed({ kind: 'super' }, ['a', long], { many: 'json' })).toContain(reason);
    expect(typed({ kind: 'super' }, long)).toContain(reason);
    expect(typed({ kind: 'super' }, ['a', ` ${long.slice(1)} `], { many: 'json' })).toHaveLength(32_767 + 8);
  });

  test('a match that first and last do not take rejects nothing', () => {
    const failure = { reason: 'child elements' };
    expect(typed(TEXT, ['a', failure], { many: 'first' })).toBe('a');
    expect(typed(TEXT, [failure, 'b'], { many: 'last' })).toBe('b');
    expect(typed(TEXT, [null, failure], { many: 'first' })).toBe(null);
    expect(typed(TEXT, [failure, 'b'], { many: 'first' })).toBe('! child elements');
    expect(typed(TEXT, ['a', failure], { many: 'join' })).toBe('! child elements');
  });

  test("a parent's value passes untouched, since the parent has typed it", () => {
    const more = { source: { kind: 'parent', column: 'k' }, required: true } as const;
    for (const value of [' a ', 'abc ', ''])
      expect(typed({ kind: 'varchar', length: 4 }, value, more)).toBe(value);
    expect(typed({ kind: 'super' }, '["a"]', more)).toBe('["a"]');
    expect(typed(TEXT, undefined, { ...more, required: false })).toBe(null);
  });

  test('absent, nil and empty become null, then the default, and null is refused where a value is required', () => {
    for (const found of [undefined, null, '', ' \n']) {
      expect(typed(TEXT, found)).toBe(null);
      expect(typed(BIGINT, found, { default: '07' })).toBe('7');
      expect(typed(TEXT, found, { required: true })).toBe('! a value is required');
    }
    expect(typed(TEXT, ' ', { empty: 'keep' })).toBe('');
    expect(typed(TEXT, ' ', { trim: false })).toBe(' ');
  });

  test('an error is null where the column says so', () => {
    expect(typed(BIGINT, 'x', { onError: 'setNull' })).toBe(null);
    expect(typed(TEXT, { reason: 'child elements' }, { onError: 'setNull', default: 'd' })).toBe('d');
    expect(typed(TEXT, { reason: 'child elements' })).toBe('! child elements');
  });

  test('a default that is not of the type is refused before any row', () => {
    expect(() => typed(BIGINT, '1', { default: 'x' })).toThrow('default of column c: "x" is not an integer');
  });

  test('a default of many: json is a JSON array, made compact with its numbers as written', () => {
    const json = (text: string, type: ColumnType = { kind: 'super' }) =>
      typed(type, undefined, { many: 'json', default: text });
    expect(json('[ 12345678901234567890, 1.0,\n"a \\" b", [] ]')).toBe(
      '[12345678901234567890,1.0,"a \\" b",[]]',
    );
    expect(json('[ ]', TEXT)).toBe('[]');
    for (const text of ['none', '{}', '"a"', '', '[1,]'])
      expect(() => json(text)).toThrow(`default of column c: ${JSON.stringify(text)} is no JSON array`);
    expect(() => json('["123456"]', TEXT)).toThrow('is 10 bytes long, allowed 8');
  });

  test('a default of a plain super is a string, as its values are', () => {
    expect(typed({ kind: 'super' }, undefined, { default: '[1]' })).toBe('"[1]"');
  });

  test('times are read by their format', () => {
    expect(typed(AT, '22.05.2024 12:12', { format: 'dd.MM.yyyy HH:mm' })).toBe(
      '! "22.05.2024 12:12" has no offset from UTC; write zone: UTC, or the zone of its clocks, or type timestamp to load it as it stands',
    );
    expect(typed(LOCAL, '22.05.2024 12:12', { format: 'dd.MM.yyyy HH:mm' })).toBe('2024-05-22 12:12:00');
    expect(typed(AT, '1716379970351', { format: 'epoch-millis' })).toBe('2024-05-22 12:12:50.351000+00');
  });

  test('a date is the day as written, whatever the offset says of UTC', () => {
    const DATE = { kind: 'date' } as const;
    const format = "yyyy-MM-dd'T'HH:mm:ssXXX";
    expect(typed(DATE, '2024-05-22T01:00:00+02:00', { format })).toBe('2024-05-22');
    expect(typed(DATE, '2024-05-22T23:00:00-02:00', { format })).toBe('2024-05-22');
    expect(typed(DATE, '0001-01-01T00:00:00+14:00', { format })).toBe('0001-01-01');
    for (const offset of ['', 'Z', '+02:00', '+0200', '+02', '-11:30'])
      expect(typed(DATE, `2024-05-22${offset}`)).toBe('2024-05-22');
    expect(typed(DATE, '2024-05-22+99:00')).toBe('! "2024-05-22+99:00" is not a date of ISO 8601');
  });
});

describe('whatever the text', () => {
  test('a truncated varchar is a prefix within its bytes, cut at a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 12 }), (text, length) => {
        const value = typed({ kind: 'varchar', length }, text, {
          truncate: true,
          trim: false,
          empty: 'keep',
        });
        expect(text.startsWith(value ?? '!')).toBe(true);
        expect(Buffer.byteLength(value ?? '')).toBeLessThanOrEqual(length);
        const next = [...text.slice(value?.length ?? 0)][0] ?? '';
        expect(next === '' || Buffer.byteLength((value ?? '') + next) > length).toBe(true);
      }),
    );
  });

  test('a decimal is exactly the number that was written', () => {
    const digits = fc.stringMatching(/^[0-9]{1,20}$/);
    fc.assert(
      fc.property(digits, digits, fc.boolean(), (whole, fraction, isNegative) => {
        const text = `${isNegative ? '-' : ''}${whole}.${fraction}`;
        const value = typed({ kind: 'decimal', precision: 38, scale: 18 + 2 }, text);
        const scaled = BigInt(whole + fraction.padEnd(20, '0')) * (isNegative ? -1n : 1n);
        if (whole.replace(/^0+/, '').length > 18) expect(value).toContain('not in the range');
        else expect(BigInt(String(value).replace('.', ''))).toBe(scaled);
      }),
    );
  });

  test('a time is the same instant, and canonical text types to itself', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0001-01-02T00:00:00Z'),
          max: new Date('9999-12-30T00:00:00Z'),
          noInvalidDate: true,
        }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (at, offset) => {
          const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 23);
          const hours = String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0');
          const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
          const value = typed(AT, `${local}${offset < 0 ? '-' : '+'}${hours}:${minutes}`) ?? '';
          expect(toEpochMs(value)).toBe(at.getTime());
          expect(typed(AT, value)).toBe(value);
        },
      ),
    );
  });
});
