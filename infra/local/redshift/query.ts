import { InvalidInput } from '../../../shared/errors.ts';
import { nearestName } from './nearest-name.ts';
import { checkNew } from './new-database.ts';
import { hasWarehouse, openPostgres } from './postgres.ts';
import { toRedshiftMessage } from './redshift-error.ts';
import { typeNameOf } from './result-page.ts';
import { admitQuery } from './sql/gate.ts';

/** A value of a result; numbers that a double cannot hold exactly, and all decimals, are text. */
export type QueryValue = string | number | boolean | null;

export interface QueryResult {
  /** Types by Redshift's short names: int4, varchar, timestamptz … */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly QueryValue[])[];
}

/** The local warehouse while no local cloud is running. */
export interface Warehouse {
  /** Runs one SELECT of Redshift SQL. Throws InvalidInput with the warehouse's message. */
  query(sql: string): Promise<QueryResult>;
  close(): Promise<void>;
}

/**
 * Opens the warehouse in `<data>/redshift` to read. Throws InvalidInput when nothing was ever loaded there, and
 * TransientError, naming the process, while a local cloud has it open.
 */
export const openWarehouse = async (dir: string): Promise<Warehouse> => {
  if (!hasWarehouse(dir)) {
    checkNew(dir);
    throw new InvalidInput(`there is no warehouse in ${dir}: run a feed first`);
  }
  const postgres = await openPostgres(dir);
  return {
    query: async (sql) => {
      try {
        const table = await postgres.query(await admitQuery(sql));
        const columns = table.columns.map(({ name, typeOid }) => ({ name, type: typeNameOf(typeOid) }));
        const rows = table.rows.map((row) => row.map((text, at) => toValue(columns[at]?.type, text)));
        return { columns, rows };
      } catch (cause) {
        throw new InvalidInput(`${toRedshiftMessage(cause)}${await nearestName(cause, sql, postgres)}`, {
          cause,
        });
      }
    },
    close: postgres.close,
  };
};

const toValue = (type: string | undefined, text: string | null): QueryValue => {
  if (text === null) return null;
  if (type === 'bool') return text === 't';
  if (type === undefined || !/^(?:int|float)\d$/.test(type)) return text;
  const value = Number(text);
  return Number.isFinite(value) && (type.startsWith('float') || Number.isSafeInteger(value)) ? value : text;
};
