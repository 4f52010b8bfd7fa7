import { quoteTable, readTokens, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses } from './refusal.ts';
import { quoteIdentifier, quoteLiteral, type Token } from './tokens.ts';

const OF_TABLES = ['select', 'insert', 'update', 'delete', 'drop', 'references'];
const OF_SCHEMAS = ['usage', 'create'];

/**
 * Reads GRANT … ON TABLE and … ON SCHEMA (r_GRANT). The local warehouse has one user, who may do everything: it looks that tables and
 * schemas are there, and takes whoever gets the right.
 */
export const toPostgresGrant = (tokens: readonly Token[]): string => {
  const reader = readTokens('GRANT', tokens);
  reader.expect('grant');
  const rights = readRights(reader);
  reader.expect('on');
  const isSchema = reader.accept('schema');
  if (reader.isNext('all', 'database', 'function', 'procedure', 'language', 'external', 'datashare', 'model'))
    throw notKnownHere(`GRANT … ON ${reader.peek().text}`);
  const allowed = isSchema ? OF_SCHEMAS : OF_TABLES;
  const wrong = rights.find((right) => right !== 'all' && !allowed.includes(right));
  if (wrong !== undefined)
    throw redshiftRefuses(`GRANT ${wrong.toUpperCase()} ON ${isSchema ? 'SCHEMA' : 'TABLE'}`, 'r_GRANT');
  const names = isSchema ? readSchemas(reader) : readTables(reader);
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

const readGrantees = (reader: TokenReader): void => {
  do {
    if (!reader.accept('group')) reader.accept('role');
    reader.identifier();
    if (reader.isNext('with')) throw notKnownHere('GRANT … WITH GRANT OPTION');
  } while (reader.accept(','));
};
