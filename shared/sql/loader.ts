import { createHash } from 'node:crypto';
import { MILLRACE_SCHEMA, TARGETS } from './names.ts';
import { quoteIdentifier, quoteLiteral, quoteTable } from './quote.ts';

/**
 * The user that loads, as the admin of a warehouse that was created makes it: with what docs/deploy.md grants, and nothing else. What a release
 * that loaded as the admin left is given to it.
 */

/** Without a password nobody logs in as it: it gets one as the last step, when everything is its own. */
export const createLoader = (name: string): string => `CREATE USER ${quoteIdentifier(name)} PASSWORD DISABLE`;

/** The password as Redshift keeps it, so that no statement has it as it is (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html). */
export const passwordHash = (name: string, password: string): string =>
  `md5${createHash('md5').update(`${password}${name}`).digest('hex')}`;

export const letLoaderIn = (name: string, hash: string): string =>
  `ALTER USER ${quoteIdentifier(name)} PASSWORD ${quoteLiteral(hash)}`;

/** Its schemas, and the tables that a load stages in. */
export const grantDatabase = (name: string, database: string): string =>
  `GRANT CREATE, TEMPORARY ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(name)}`;

/** Rows of schema: those that a user owns. The catalog's own tables stand on the leader node alone, so that no other can be joined. */
export const ownSchemasQuery = (owner: string): string =>
  `SELECT n.nspname FROM pg_namespace n JOIN pg_user u ON u.usesysid = n.nspowner WHERE u.usename = ${quoteLiteral(owner)}`;

/** Rows of schema and name: tables and views that a user owns (https://docs.aws.amazon.com/redshift/latest/dg/c_join_PG_examples.html). */
export const ownTablesQuery = (owner: string): string =>
  `SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_user u ON u.usesysid = c.relowner
WHERE u.usename = ${quoteLiteral(owner)} AND c.relkind IN ('r', 'v')`;

/** Rows of target: those of every feed. Millrace's own tables have to exist. */
export const allTargetsQuery = (): string => `SELECT target FROM ${TARGETS}`;

/** What the admin owns, and which of the tables Millrace loads. */
export interface Owned {
  readonly schemas: readonly string[];
  readonly tables: readonly { readonly schema: string; readonly name: string }[];
  /** `schema.table` each. */
  readonly targets: ReadonlySet<string>;
}

/** Gives Millrace's tables and their schemas to the user that loads. What else the admin owns stays the admin's. */
export const handOver = (name: string, { schemas, tables, targets }: Owned): readonly string[] => {
  const to = `OWNER TO ${quoteIdentifier(name)}`;
  const ours = tables.filter(
    (table) => table.schema === MILLRACE_SCHEMA || targets.has(`${table.schema}.${table.name}`),
  );
  const theirs = new Set(ours.map(({ schema }) => schema));
  return [
    ...ours.map((table) => `ALTER TABLE ${quoteTable(table)} ${to}`),
    ...schemas
      .filter((schema) => theirs.has(schema) && schema !== 'public')
      .map((schema) => `ALTER SCHEMA ${quoteIdentifier(schema)} ${to}`),
  ];
};
