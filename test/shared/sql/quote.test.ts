import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInput } from '../../../shared/errors.ts';
import { mutexName } from '../../../shared/sql/names.ts';
import { quoteIdentifier, quoteLiteral, timeLiteral } from '../../../shared/sql/quote.ts';
import { rounds } from '../../rounds.ts';
import { newPglite } from './support/new-pglite.ts';

const HOSTILE = [
  `"; DROP TABLE ledger; --`,
  `'; DROP TABLE ledger; --`,
  `a"b`,
  `a'b`,
  'select',
  '1st',
  'spaces and\nlines',
  'ü-ñ-漢',
  '$$',
  ':name',
  '/* */',
  '\u0001',
];

let database: PGlite;
beforeAll(async () => {
  database = await newPglite();
});
afterAll(() => database.close());

describe('a quoted identifier', () => {
  it.each(HOSTILE)('is the name itself, in lower case: %j', async (name) => {
    const { fields } = await database.query(`SELECT 1 AS ${quoteIdentifier(name)}`);
    expect(fields[0]?.name).toBe(name.toLowerCase());
  });

  it('is refused where no name can be', () => {
    for (const name of ['', 'x'.repeat(128), 'ü'.repeat(64), 'a\0b']) {
      expect(() => quoteIdentifier(name)).toThrow(InvalidInput);
    }
  });
});

describe('a quoted literal', () => {
  it.each(HOSTILE)('is the text itself: %j', async (text) => {
    const { rows } = await database.query(`SELECT ${quoteLiteral(text)} AS text`);
    expect(rows).toEqual([{ text }]);
  });

  it('is the text itself, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string().filter((text) => !/[\\\0]/.test(text)),
        async (text) => {
          const { rows } = await database.query(`SELECT ${quoteLiteral(text)} AS text`);
          expect(rows).toEqual([{ text }]);
        },
      ),
      { numRuns: rounds(50) },
    );
  });

  it('is refused where Redshift and Postgres read it differently', () => {
    for (const text of ['a\\b', 'a\0b']) expect(() => quoteLiteral(text)).toThrow(InvalidInput);
  });
});

describe('a time', () => {
  it('is written as a timestamptz in UTC', () => {
    expect(timeLiteral('2026-11-23T10:02:00.123Z')).toBe("CAST('2026-11-23 10:02:00.123+00' AS TIMESTAMPTZ)");
  });
});

describe('a mutex', () => {
  it('has a name of its own for each target, within the limit', () => {
    const names = ['a_b.c', 'a.b_c', `${'s'.repeat(127)}.${'t'.repeat(127)}`].map(mutexName);
    expect(new Set(names).size).toBe(3);
    expect(names[0]).toMatch(/^mutex_a_b_c_[0-9a-f]{8}$/);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(127);
  });
});
