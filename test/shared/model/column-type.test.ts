import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseColumnType, printColumnType } from '../../../shared/model/column-type.ts';
import type { ColumnType } from '../../../shared/model/contract.ts';

const type: fc.Arbitrary<ColumnType> = fc.oneof(
  fc
    .constantFrom(
      'smallint',
      'integer',
      'bigint',
      'real',
      'double precision',
      'boolean',
      'date',
      'timestamp',
      'timestamptz',
      'super',
    )
    .map((kind) => ({ kind })),
  fc.record({ kind: fc.constant('varchar' as const), length: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record({ kind: fc.constant('char' as const), length: fc.integer({ min: 1, max: 4096 }) }),
  fc
    .integer({ min: 1, max: 38 })
    .chain((precision) =>
      fc
        .integer({ min: 0, max: Math.min(precision, 37) })
        .map((scale) => ({ kind: 'decimal' as const, precision, scale })),
    ),
);

test('reads back every type that it prints', () => {
  fc.assert(
    fc.property(type, (expected) => {
      expect(parseColumnType(printColumnType(expected))).toEqual(expected);
    }),
  );
});

test('takes varchar(max) for the longest', () => {
  expect(parseColumnType('varchar(max)')).toEqual({ kind: 'varchar', length: 65_535 });
});

test('takes spaces where SQL does', () => {
  expect(parseColumnType(' double  precision ')).toEqual({ kind: 'double precision' });
  expect(parseColumnType('decimal ( 10 , 2 )')).toEqual({ kind: 'decimal', precision: 10, scale: 2 });
});

test.each([
  '',
  'text',
  'VARCHAR(3)',
  'varchar',
  'char(max)',
  'varchar(0)',
  'char(4097)',
  'decimal(39,0)',
  'decimal(38,38)',
  'decimal(5)',
  'int',
])('refuses %j', (text) => {
  expect(() => parseColumnType(text)).toThrow('allowed');
});
