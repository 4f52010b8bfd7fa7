import type { ColumnType } from '../model/contract.ts';

/** Column types, as SQL and as the warehouse's catalog names them. */

/** https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html */
export const toSqlType = (type: ColumnType): string => {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'char':
    case 'varchar':
      return `${type.kind.toUpperCase()}(${type.length})`;
    default:
      return type.kind.toUpperCase();
  }
};

/** One column as `svv_columns` shows it, which is shaped like information_schema.columns. */
export interface ExistingColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** As in the catalog: `character varying`, `timestamp with time zone`. */
  readonly type: string;
  readonly length: number | undefined;
  readonly precision: number | undefined;
  readonly scale: number | undefined;
  /** The database that the table is in. */
  readonly database: string | undefined;
  readonly hasDefault: boolean;
  /** NOT NULL. */
  readonly isRequired: boolean;
  /** In lower case; undefined where nobody asked (encodingsQuery). */
  readonly encoding?: string | undefined;
}

const CATALOG_KINDS: Readonly<Record<string, ColumnType['kind']>> = {
  'character varying': 'varchar',
  character: 'char',
  bpchar: 'char',
  numeric: 'decimal',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  'double precision': 'double precision',
  boolean: 'boolean',
  date: 'date',
  super: 'super',
};

/** Reads a catalog's type; undefined for one that no contract has. */
export const parseCatalogType = (column: ExistingColumn): ColumnType | undefined => {
  const kind = CATALOG_KINDS[column.type.toLowerCase()];
  switch (kind) {
    case undefined:
      return undefined;
    case 'decimal':
      return { kind, precision: column.precision ?? 0, scale: column.scale ?? 0 };
    case 'char':
    case 'varchar':
      return { kind, length: column.length ?? 0 };
    default:
      return { kind };
  }
};

const WIDENING: readonly (readonly ColumnType['kind'][])[] = [
  ['smallint', 'integer', 'bigint'],
  ['real', 'double precision'],
];

/** What it takes for a column of type `from` to hold every value of `to`. */
export const typeChange = (from: ColumnType, to: ColumnType): 'none' | 'widen' | 'refused' => {
  if (from.kind === 'varchar' && to.kind === 'varchar') return from.length >= to.length ? 'none' : 'widen';
  if (from.kind === 'char' && to.kind === 'char') return from.length === to.length ? 'none' : 'refused';
  if (from.kind === 'decimal' && to.kind === 'decimal') {
    return from.scale === to.scale && from.precision >= to.precision ? 'none' : 'refused';
  }
  if (from.kind === to.kind) return 'none';
  const holds = WIDENING.some(
    (kinds) => kinds.includes(to.kind) && kinds.indexOf(from.kind) > kinds.indexOf(to.kind),
  );
  return holds ? 'none' : 'refused';
};
