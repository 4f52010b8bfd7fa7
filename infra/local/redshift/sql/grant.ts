import { quoteTable, readTokens, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses } from './refusal.ts';
import { quoteIdentifier, quoteLiteral, type Token } from './tokens.ts';

const OF_TABLES = ['select', 'insert', 'update', 'delete', 'drop', 'references'];
const OF_SCHEMAS = ['usage', 'create'];
const OF_DATABASES = ['create', 'temporary', 'temp'];

/**
 * Reads GRANT … ON TABLE, … ON SCHEMA and … ON DATABASE (r_GRANT). The local warehouse has one user, who may do everything: it looks that tables and
 * schemas are there, and takes whoever gets the right.
 */
export const toPostgresGrant = (tokens: readonly Token[]): string => {
  const reader = readTokens('GRANT', tokens);
  reader.expect('grant');
  const rights = readRights(reader);
  reader.expect('on');
  const kind = (['schema', 'database'] as const).find((word) => reader.accept(word)) ?? 'table';
  if (reader.isNext('all', 'function', 'procedure', 'language', 'external', 'datashare', 'model'))
    throw notKnownHere(`GRANT … ON ${reader.peek().text}`);
  const { allowed, read } = KINDS[kind];
  const wrong = rights.find((right) => right !== 'all' && !allowed.includes(right));
  if (wrong !== undefined)
    throw redshiftRefuses(`GRANT ${wrong.toUpperCase()} ON ${kind.toUpperCase()}`, 'r_GRANT');
  const names = read(reader);
  reader.expect('to');
  readGrantees(reader);
  reader.end();
  return `SELECT ${names.map((name) => `${name.text}::${name.type}`).join(', ')}`;
};

const readRights = (reader: TokenReader): readonly string[] => {
  if (reader.accept('all')) {
    reader.accept('privileges');
    return ['all'];
  }
  const rights: string[] = [];
  do rights.push(reader.take().value);
  while (reader.accept(','));
  return rights;
};

interface Named {
  readonly text: string;
  readonly type: 'regclass' | 'regnamespace';
}

const readTables = (reader: TokenReader): readonly Named[] => {
  reader.accept('table');
  const names: Named[] = [];
  do names.push({ text: quoteLiteral(quoteTable(reader.tableName())), type: 'regclass' });
  while (reader.accept(','));
  return names;
};

const readSchemas = (reader: TokenReader): readonly Named[] => {
  const names: Named[] = [];
  do names.push({ text: quoteLiteral(quoteIdentifier(reader.identifier())), type: 'regnamespace' });
  while (reader.accept(','));
  return names;
};

/** The local warehouse has one database, by whatever name: nothing to look for. */
const readDatabases = (reader: TokenReader): readonly Named[] => {
  do reader.identifier();
  while (reader.accept(','));
  return [{ text: quoteLiteral('public'), type: 'regnamespace' }];
};

const KINDS = {
  table: { allowed: OF_TABLES, read: readTables },
  schema: { allowed: OF_SCHEMAS, read: readSchemas },
  database: { allowed: OF_DATABASES, read: readDatabases },
} as const;

const readGrantees = (reader: TokenReader): void => {
  do {
    if (!reader.accept('group')) reader.accept('role');
    reader.identifier();
    if (reader.isNext('with')) throw notKnownHere('GRANT … WITH GRANT OPTION');
  } while (reader.accept(','));
};
