import { expect, it } from 'vitest';
import { parseCatalogType, toSqlType } from '../../../shared/sql/types.ts';

const column = (type: string) =>
  ({
    schema: 's',
    table: 't',
    column: 'c',
    type,
    length: 9,
    precision: 12,
    scale: 3,
    database: undefined,
    hasDefault: false,
    isRequired: false,
  }) as const;

/** The catalog's words, and the type that a column so named was made with. */
it.each([
  ['character varying', 'VARCHAR(9)'],
  ['character', 'CHAR(9)'],
  ['bpchar', 'CHAR(9)'],
  ['numeric', 'DECIMAL(12,3)'],
  ['timestamp without time zone', 'TIMESTAMP'],
  ['timestamp with time zone', 'TIMESTAMPTZ'],
  ['smallint', 'SMALLINT'],
  ['integer', 'INTEGER'],
  ['bigint', 'BIGINT'],
  ['real', 'REAL'],
  ['double precision', 'DOUBLE PRECISION'],
  ['boolean', 'BOOLEAN'],
  ['date', 'DATE'],
  ['super', 'SUPER'],
])('%s of the catalog is %s', (catalog, sql) => {
  for (const word of [catalog, catalog.toUpperCase()]) {
    const type = parseCatalogType(column(word));
    expect(type === undefined ? undefined : toSqlType(type)).toBe(sql);
  }
});

it('knows no type that no contract has', () => {
  expect(parseCatalogType(column('time without time zone'))).toBeUndefined();
});
