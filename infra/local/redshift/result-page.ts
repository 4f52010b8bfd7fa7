import type { ResultTable } from './result-table.ts';

interface RawJson {
  readonly rawJSON: string;
}

declare global {
  interface JSON {
    /** ECMAScript's JSON.parse source text access; TypeScript's library lacks it. */
    rawJSON(text: string): RawJson;
  }
}

/** A value as GetStatementResult answers it (docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html). */
export type Field =
  | { readonly isNull: true }
  /** All digits of a bigint, which a double has not, as they stand in JSON. */
  | { readonly longValue: RawJson }
  | { readonly doubleValue: number }
  | { readonly booleanValue: boolean }
  | { readonly stringValue: string };

/** Rows a page; the service ends a page by size. */
const PAGE_ROWS = 1000;

/** Type numbers of Postgres (pg_type.oid) to Redshift's names. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'varchar',
  700: 'float4',
  701: 'float8',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1186: 'interval',
  1700: 'numeric',
  3802: 'super',
};

export const typeNameOf = (oid: number): string => TYPE_NAMES[oid] ?? 'varchar';

const toField = (type: string, text: string | null): Field => {
  if (text === null) return { isNull: true };
  if (type === 'bool') return { booleanValue: text === 't' };
  if (type === 'int2' || type === 'int4' || type === 'int8') return { longValue: JSON.rawJSON(text) };
  if (type === 'float4' || type === 'float8') {
    const value = Number(text);
    return Number.isFinite(value) ? { doubleValue: value } : { stringValue: text };
  }
  return { stringValue: text };
};

/** One page of a result, from row `from` on. */
export const toResultPage = (table: ResultTable, from: number) => {
  const types = table.columns.map((column) => typeNameOf(column.typeOid));
  const rows = table.rows.slice(from, from + PAGE_ROWS);
  const next = from + PAGE_ROWS;
  return {
    ColumnMetadata: table.columns.map(({ name }, at) => ({
      name,
      label: name,
      typeName: types[at],
      nullable: 1,
    })),
    Records: rows.map((row) => row.map((value, at) => toField(types[at] ?? '', value))),
    TotalNumRows: table.rows.length,
    ...(next < table.rows.length ? { NextToken: String(next) } : {}),
  };
};
