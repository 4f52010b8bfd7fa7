import { type ColumnType, checkColumnName, readColumnType, toByteCheck } from './column-type.ts';
import { readEncoding } from './encoding.ts';
import { quoteTable, readTokens, type TableName, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import { readColumnAttributes } from './table-ddl.ts';
import { quoteIdentifier, type Token } from './tokens.ts';

/** What an ALTER TABLE does. A wider varchar has to know the narrower one, so it is no text yet. */
export type AlterTable =
  | { readonly kind: 'add' | 'owner' | 'rename'; readonly text: string }
  | {
      readonly kind: 'widen';
      readonly table: TableName;
      readonly column: string;
      readonly type: ColumnType;
    }
  | {
      readonly kind: 'encode';
      readonly table: TableName;
      readonly column: string;
      readonly encoding: string;
    };

/** Reads ALTER TABLE … ADD COLUMN, … RENAME TO, … OWNER TO, … ALTER COLUMN … TYPE and … ALTER COLUMN … ENCODE (r_ALTER_TABLE). */
export const parseAlterTable = (tokens: readonly Token[], isInTransaction: boolean): AlterTable => {
  const reader = readTokens('ALTER TABLE', tokens);
  reader.expect('alter', 'table');
  const table = reader.tableName();
  const alter = readAlter(reader, table, isInTransaction);
  reader.end();
  return alter;
};

const readOwner = (reader: TokenReader, table: TableName): AlterTable => {
  reader.expect('to');
  const owner = quoteIdentifier(reader.identifier());
  return { kind: 'owner', text: `ALTER TABLE ${quoteTable(table)} OWNER TO ${owner}` };
};

const readAlter = (reader: TokenReader, table: TableName, isInTransaction: boolean): AlterTable => {
  if (reader.accept('add')) return readAddColumn(reader, table);
  if (reader.accept('rename')) return readRename(reader, table);
  if (reader.accept('owner')) return readOwner(reader, table);
  return readAlterColumn(reader, table, isInTransaction);
};

/** The new name has no schema: a table stays in its own. */
const readRename = (reader: TokenReader, table: TableName): AlterTable => {
  if (!reader.accept('to')) throw notKnownHere(`ALTER TABLE … RENAME ${reader.peek().text}`);
  const name = reader.identifier();
  return { kind: 'rename', text: `ALTER TABLE ${quoteTable(table)} RENAME TO ${quoteIdentifier(name)}` };
};

const readAddColumn = (reader: TokenReader, table: TableName): AlterTable => {
  reader.accept('column');
  if (reader.isNext('if')) throw redshiftRefuses('ADD COLUMN IF NOT EXISTS', 'r_ALTER_TABLE');
  const name = reader.identifier();
  checkColumnName(name);
  const type = readColumnType(reader);
  const attributes = readColumnAttributes(reader, name, type);
  if (attributes.isNotNull && !attributes.hasDefault) {
    throw redshiftRefuses(`ADD COLUMN ${name} NOT NULL without a default`, 'r_ALTER_TABLE');
  }
  const clause = `${quoteIdentifier(name)} ${type.postgres}${attributes.clause}${toByteCheck(name, type)}`;
  return { kind: 'add', text: `ALTER TABLE ${quoteTable(table)} ADD COLUMN ${clause}` };
};

const readAlterColumn = (reader: TokenReader, table: TableName, isInTransaction: boolean): AlterTable => {
  if (reader.isNext('append')) throw notKnownHere('ALTER TABLE APPEND, which commits by itself');
  if (!reader.accept('alter')) throw notKnownHere(`ALTER TABLE … ${reader.peek().text}`);
  reader.accept('column');
  const column = reader.identifier();
  if (reader.accept('encode')) return { kind: 'encode', table, column, encoding: readEncoding(reader) };
  if (!reader.accept('type')) throw notKnownHere(`ALTER COLUMN … ${reader.peek().text}`);
  const type = readColumnType(reader);
  if (!type.postgres.startsWith('varchar')) {
    throw redshiftRefuses(`ALTER COLUMN ${column} TYPE ${type.postgres}`, 'r_ALTER_TABLE');
  }
  if (isInTransaction) {
    throw new SqlRefused('ALTER TABLE ALTER COLUMN cannot run inside a transaction block');
  }
  return { kind: 'widen', table, column, type };
};
