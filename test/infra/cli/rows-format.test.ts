import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRows, toTable, toWrapped } from '../../../infra/cli/rows-format.ts';

const rows = {
  columns: ['id', 'name'],
  rows: [
    ['1', 'plain'],
    ['20', null],
    ['3', ''],
    [null, '\\N'],
    ['-5', 'a "b", c\nd'],
    ['6', '李 😀'],
  ],
};

describe('printed rows', () => {
  it('keep null, empty and \\N apart in CSV', () => {
    expect(formatRows(rows, 'csv')).toBe(
      'id,name\n1,plain\n20,\\N\n3,""\n\\N,"\\N"\n-5,"a ""b"", c\nd"\n6,李 😀\n',
    );
  });

  it('are objects in JSON', () => {
    expect(JSON.parse(formatRows(rows, 'json'))).toContainEqual({ id: '20', name: null });
  });

  it('are refused in JSON where two columns have one name, since one would be lost', () => {
    const twice = { columns: ['id', 'n', 'id'], rows: [[1, 2, 3]] };
    expect(() => formatRows(twice, 'json')).toThrow(
      'two columns are named id, allowed in JSON names that differ: write AS and another name, or --format csv',
    );
    expect(formatRows(twice, 'csv')).toBe('id,n,id\n1,2,3\n');
  });

  it('align in a table, whatever the width of characters', () => {
    expect(formatRows(rows, 'table').split('\n')).toEqual([
      'id  name',
      '──  ──────────',
      ' 1  plain',
      '20  ∅',
      ' 3',
      ' ∅  \\N',
      '-5  a "b", c d',
      ' 6  李 😀',
      '',
    ]);
  });

  it('cannot steer the terminal', () => {
    expect(toTable({ columns: ['x'], rows: [['\u001b[31mred\u0007']] })).toContain(' [31mred\n');
  });

  it('take several lines where the terminal is narrow, and lose no word and no column', () => {
    const one = { columns: ['place', 'reason'], rows: [['landing/a.xml:1:9', 'x is not an integer at all']] };
    expect(toWrapped(one, 32).split('\n')).toEqual([
      'place            reason',
      '───────────────  ──────────────',
      'landing/a.xml:1  x is not an',
      ':9               integer at all',
      '',
    ]);
    expect(toWrapped(one, 200)).toBe(toTable(one));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 })), { minLength: 1 }),
        fc.integer({ min: 20, max: 90 }),
        (rows, wide) => {
          const text = toWrapped({ columns: ['a', 'b'], rows }, wide, 60);
          for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(wide);
          const letters = (of: string) => [...of.replaceAll(/[\s─\p{Cc}]/gu, '')].sort().join('');
          const whole = toTable({ columns: ['a', 'b'], rows }, Number.POSITIVE_INFINITY, 60);
          expect(letters(text)).toBe(letters(whole));
        },
      ),
    );
  });

  it('name the columns that a narrow terminal has no room for', () => {
    expect(toTable({ columns: ['a', 'bbbb', 'cccc'], rows: [['1', '2', '3']] }, 8)).toContain('… and cccc');
  });
});
