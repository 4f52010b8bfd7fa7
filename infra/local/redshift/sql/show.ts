import { readTokens, type TokenReader } from './reader.ts';
import { notKnownHere, SqlRefused } from './refusal.ts';
import { quoteLiteral, type Token } from './tokens.ts';

/**
 * SHOW TABLES FROM SCHEMA [database.]schema [LIKE 'pattern'] [LIMIT n] as a query (r_SHOW_TABLES). The local warehouse is one database, under
 * whatever name it is asked for.
 */
export const toShowQuery = (tokens: readonly Token[]): string => {
  const reader = readTokens('SHOW TABLES', tokens);
  reader.expect('show');
  if (!reader.accept('tables')) throw notKnownHere(`SHOW ${reader.peek().text}`);
  if (!reader.accept('from', 'schema')) {
    throw new SqlRefused(
      'SHOW TABLES takes FROM SCHEMA: write SHOW TABLES FROM SCHEMA ewm, or SELECT table_schema, table_name FROM svv_tables',
    );
  }
  const { schema: database, name: schema } = reader.tableName();
  const conditions = [
    `table_schema = ${quoteLiteral(schema)}`,
    ...(reader.accept('like') ? [`table_name LIKE ${quoteLiteral(reader.string())}`] : []),
  ];
  const limit = readLimit(reader);
  reader.end();
  const catalog = database === undefined ? 'table_catalog' : `${quoteLiteral(database)}::varchar(128)`;
  return `SELECT ${catalog} AS database_name, table_schema AS schema_name, table_name,
  CASE table_type WHEN 'BASE TABLE' THEN 'TABLE' ELSE table_type END::varchar(128) AS table_type, NULL::varchar(256) AS table_acl, remarks
FROM svv_tables WHERE ${conditions.join(' AND ')} ORDER BY table_name LIMIT ${limit}`;
};

/** At most 10,000, which is what no limit means, too. */
const readLimit = (reader: TokenReader): number => {
  if (!reader.accept('limit')) return 10_000;
  const limit = reader.integer();
  if (limit > 10_000) throw new SqlRefused(`SHOW TABLES takes a LIMIT of 0 to 10000, got ${limit}`);
  return limit;
};
