import { WarehouseRefused } from '../errors.ts';
import type { Contract } from '../model/contract.ts';
import { dispositionOf } from './dispositions/registry.ts';
import type { Found } from './prepare/found.ts';
import { foreignTables } from './prepare-statements.ts';
import { quoteIdentifier } from './quote.ts';
import { type Target, toTargets } from './target.ts';

/** A question to the rows of a table that is taken over, and what its answer of two counts refuses. */
export interface AdoptQuery {
  readonly sql: string;
  /** Throws WarehouseRefused for rows without a key, and keys of several rows. */
  check(row: readonly unknown[]): void;
}

/**
 * Asks for each table that is taken over whether its key tells its rows apart, as loads rely on: a row without a key would match no row
 * that comes, and of two with one key none could stay.
 */
export const adoptQueries = (contract: Contract, found: Found): readonly AdoptQuery[] => {
  const foreign = new Set(foreignTables(contract, found).map(({ table }) => table));
  return toTargets(contract)
    .filter(
      ({ table, root, identity }) =>
        foreign.has(table.table) && dispositionOf(root.table).isMet(root) && identity.length > 0,
    )
    .map(toQuery);
};

const toQuery = ({ name, table, identity }: Target): AdoptQuery => {
  const key = identity.map(quoteIdentifier);
  // What somebody else wrote may end in blanks, which no comparison of Redshift heeds (r_Character_types).
  const compared = table.columns
    .filter((column) => identity.includes(column.name))
    .map(({ name: of, type }) =>
      type.kind === 'varchar' ? `RTRIM(${quoteIdentifier(of)})` : quoteIdentifier(of),
    );
  const nulls = key.map((column) => `${column} IS NULL`).join(' OR ');
  const doubles = `SELECT COUNT(*) AS n FROM ${name} GROUP BY ${compared.join(', ')} HAVING COUNT(*) > 1`;
  return {
    sql: `SELECT (SELECT COUNT(*) FROM ${name} WHERE ${nulls}) AS keyless, (SELECT COUNT(*) FROM (${doubles}) d) AS doubled`,
    check: ([without, twice]) => {
      if (Number(without) === 0 && Number(twice) === 0) return;
      throw new WarehouseRefused(
        `table ${table.table} cannot be taken over by key ${identity.join(' ')}: ${Number(without)} of its rows have null in the key, ` +
          `and ${Number(twice)} keys have several rows; both numbers have to be 0: mend the table, or give the feed's another key or name`,
      );
    },
  };
};
