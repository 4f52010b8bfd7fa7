export interface ResultColumn {
  readonly name: string;
  /** Postgres' type as a number (pg_type.oid). */
  readonly typeOid: number;
}

/** Values are Postgres' texts. */
export interface ResultTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}
