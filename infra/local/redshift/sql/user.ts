import { readTokens } from './reader.ts';
import { notKnownHere } from './refusal.ts';
import { quoteIdentifier, quoteLiteral, type Token } from './tokens.ts';

/**
 * Reads CREATE USER and ALTER USER with PASSWORD (r_CREATE_USER, r_ALTER_USER). Postgres makes the user, so that one that is not there, or there
 * already, is told of; statements go on being run as the one who may do everything.
 */
export const toPostgresUser = (tokens: readonly Token[]): string => {
  const reader = readTokens('CREATE USER', tokens);
  const isNew = reader.accept('create');
  if (!isNew) reader.expect('alter');
  reader.expect('user');
  const name = quoteIdentifier(reader.identifier());
  reader.accept('with');
  if (!reader.accept('password')) throw notKnownHere(`CREATE USER … ${reader.peek().text}`);
  const password = reader.accept('disable') ? 'NULL' : quoteLiteral(reader.string());
  if (reader.peek().kind !== 'end') throw notKnownHere(`CREATE USER … ${reader.peek().text}`);
  return `${isNew ? 'CREATE' : 'ALTER'} USER ${name} PASSWORD ${password}`;
};

/** Reads ALTER SCHEMA … OWNER TO (r_ALTER_SCHEMA). */
export const toPostgresAlterSchema = (tokens: readonly Token[]): string => {
  const reader = readTokens('ALTER SCHEMA', tokens);
  reader.expect('alter', 'schema');
  const schema = quoteIdentifier(reader.identifier());
  if (!reader.accept('owner')) throw notKnownHere(`ALTER SCHEMA … ${reader.peek().text}`);
  reader.expect('to');
  const owner = quoteIdentifier(reader.identifier());
  reader.end();
  return `ALTER SCHEMA ${schema} OWNER TO ${owner}`;
};
