import { LONGEST_TEXT_BYTES } from '../../../../shared/values/text.ts';
import { quoteTable, readTokens, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses } from './refusal.ts';
import { parseTokens, quoteLiteral, splitTokens, type Token } from './tokens.ts';

/**
 * Procedures without parameters whose statements are EXECUTEd: of PL/pgSQL that is what a load uses. Each of them is held to the same rules as
 * one by itself.
 */

const START = /^\s*create\s+(?:or\s+replace\s+)?procedure\b/i;

export const isCreateProcedure = (sql: string): boolean => START.test(sql);

interface Procedure {
  /** Quoted. */
  readonly name: string;
  readonly isReplaced: boolean;
  readonly statements: readonly string[];
}

/** CREATE PROCEDURE as Postgres takes it; `admit` gives each statement within as Postgres does. Throws SqlRefused. */
export const toPostgresProcedure = async (
  sql: string,
  admit: (statement: string) => Promise<string>,
): Promise<string> => {
  const { name, isReplaced, statements } = parseProcedure(sql);
  const lines: string[] = [];
  for (const statement of statements) lines.push(`EXECUTE ${quoteLiteral(await admit(statement))};`);
  const body = ['BEGIN', ...lines, 'END;'].join('\n');
  return `CREATE ${isReplaced ? 'OR REPLACE ' : ''}PROCEDURE ${name}() LANGUAGE plpgsql AS ${quoteLiteral(body)}`;
};

/** CREATE [OR REPLACE] PROCEDURE name() AS $$ … $$ LANGUAGE plpgsql (r_CREATE_PROCEDURE). */
const parseProcedure = (sql: string): Procedure => {
  const [head = '', body, tail, ...rest] = sql.split('$$');
  if (body === undefined || tail === undefined || rest.length > 0)
    throw redshiftRefuses(
      'a procedure whose text does not stand within one pair of $$',
      'r_CREATE_PROCEDURE',
    );
  const reader = readTokens('CREATE PROCEDURE', parseTokens(head));
  reader.expect('create');
  const isReplaced = reader.accept('or', 'replace');
  reader.expect('procedure');
  const name = readSignature(reader);
  if (reader.accept('nonatomic')) throw notKnownHere('NONATOMIC');
  reader.expect('as');
  reader.end();
  const behind = readTokens('CREATE PROCEDURE', parseTokens(tail));
  behind.expect('language', 'plpgsql');
  behind.end();
  return { name, isReplaced, statements: parseBody(splitTokens(body)) };
};

/** BEGIN EXECUTE 'statement'; … END; (c_PLpgSQL-statements). */
const parseBody = (tokens: readonly Token[]): readonly string[] => {
  const reader = readTokens('a procedure', tokens);
  const statements: string[] = [];
  if (!reader.accept('begin')) throw notKnownHere(`${reader.peek().text} before the BEGIN of a procedure`);
  while (!reader.accept('end')) {
    if (reader.peek().kind === 'end') reader.fail();
    if (!reader.accept('execute')) throw notKnownHere(`${reader.peek().text} as a statement of a procedure`);
    statements.push(readText(reader));
    reader.expect(';');
  }
  reader.expect(';');
  reader.end();
  return statements;
};

/** EXECUTE takes a text, of literals here (r_Character_types). */
const readText = (reader: TokenReader): string => {
  let text = reader.string();
  while (reader.accept('||')) text += reader.string();
  const bytes = Buffer.byteLength(text);
  if (bytes > LONGEST_TEXT_BYTES)
    throw redshiftRefuses(`EXECUTE of a text of ${bytes} bytes`, 'r_Character_types');
  return text;
};

/** CALL name() and DROP PROCEDURE name(); undefined for other statements (r_CALL_procedure, r_DROP_PROCEDURE). */
export const toPostgresCall = (tokens: readonly Token[]): string | undefined => {
  const reader = readTokens('CALL and DROP PROCEDURE', tokens);
  const what = reader.accept('call') ? 'CALL' : reader.accept('drop', 'procedure') ? 'DROP PROCEDURE' : '';
  if (what === '') return undefined;
  if (reader.accept('if', 'exists')) throw redshiftRefuses('DROP PROCEDURE IF EXISTS', 'r_DROP_PROCEDURE');
  const name = readSignature(reader);
  reader.end();
  return `${what} ${name}()`;
};

const readSignature = (reader: TokenReader): string => {
  const name = quoteTable(reader.tableName());
  reader.expect('(');
  if (!reader.accept(')')) throw notKnownHere('parameters of a procedure');
  return name;
};
