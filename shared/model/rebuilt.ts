import { createHash } from 'node:crypto';
import { hashContract } from './canonical.ts';
import { type Contract, type TableContract, targetTables } from './contract.ts';
import { tombstonesName } from './deletes.ts';
import type { Feed } from './feed.ts';

/**
 * A rebuild fills tables of other names by a feed's contract, and then gives them the names of its targets. No feed can write such a
 * name: it has no dollar sign in any.
 */

/** The local warehouse cuts what is longer without a word; Redshift takes 127 (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html). */
const MAX_NAME_BYTES = 63;

/** A table's name with an ending; of one that is too long for it, the start and a hash. */
const withEnding = (name: string, ending: string): string => {
  const room = MAX_NAME_BYTES - ending.length;
  if (name.length <= room) return `${name}${ending}`;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, room - hash.length - 1)}_${hash}${ending}`;
};

/** A table by its name in SQL and in contracts. */
export interface TableName {
  readonly table: string;
  readonly schema: string;
  readonly name: string;
}

const named = ({ schema, name }: Omit<TableName, 'table'>, ending: string): TableName => {
  const other = withEnding(name, ending);
  return { table: `${schema}.${other}`, schema, name: other };
};

/** The table that a request fills in the place of another: each request has its own. */
export const besideOf = (table: Omit<TableName, 'table'>, request: string): TableName =>
  named(table, `$${request.slice(0, 8)}`);

/** Where the rows stay that a table had before its rebuild, until the next one. */
export const oldOf = (table: Omit<TableName, 'table'>): TableName => named(table, '$old');

/** The contract by which a request's batches are read and loaded: that of the feed, with the names of the tables beside. */
export const rebuiltContract = ({ hash: _, swaps: __, ...contract }: Contract, request: string): Contract => {
  const names = new Map(targetTables(contract).map((one) => [one.table, besideOf(one, request)]));
  const rename = (table: string): string => names.get(table)?.table ?? table;
  const toBeside = (one: TableContract): TableContract => {
    const { table, parent, deletes } = one;
    const beside = names.get(table);
    return {
      ...one,
      ...(beside ?? {}),
      ...(parent === undefined ? {} : { parent: { ...parent, table: rename(parent.table) } }),
      ...(deletes === undefined ? {} : toTombstones(rename(deletes.table), deletes)),
      beside: table,
    };
  };
  return hashContract({ ...contract, tables: contract.tables.map(toBeside) });
};

/** Tombstones have the name of the table whose rows they delete. */
const toTombstones = (
  of: string,
  deletes: NonNullable<TableContract['deletes']>,
): Pick<TableContract, 'table' | 'name' | 'deletes'> => ({
  table: tombstonesName(of),
  name: tombstonesName(of.slice(of.indexOf('.') + 1)),
  deletes: { ...deletes, table: of },
});

/** The feed as a request reads it: all that it is, into the tables beside. */
export const rebuiltFeed = (feed: Feed, request: string): Feed => ({
  ...feed,
  contract: rebuiltContract(feed.contract, request),
});

/** The contract of the batch that ends a rebuild. */
export const swapContract = ({ hash: _, ...contract }: Contract, request: string): Contract =>
  hashContract({ ...contract, swaps: { request } });

/** The contract by which rows are loaded once a swap is done. */
export const swappedContract = ({ hash: _, swaps: __, ...contract }: Contract): Contract =>
  hashContract(contract);
