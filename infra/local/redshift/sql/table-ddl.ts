import {
  type ColumnType,
  checkColumnName,
  readColumnType,
  readDefault,
  toByteCheck,
  toByteCheckName,
} from './column-type.ts';
import { quoteTable, readTokens, type TableName, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import { quoteIdentifier, type Token } from './tokens.ts';

/** https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html */
const ENCODINGS = [
  'auto',
  'raw',
  'az64',
  'bytedict',
  'delta',
  'delta32k',
  'lzo',
  'mostly8',
  'mostly16',
  'mostly32',
  'runlength',
  'text255',
  'text32k',
  'zstd',
];
/** https://docs.aws.amazon.com/redshift/latest/dg/amazon-redshift-limits.html */
const MAX_COLUMNS = 1600;

/** Reads CREATE [TEMP] TABLE (…) as Redshift has it (r_CREATE_TABLE_NEW) and writes it for Postgres. */
export const toPostgresCreateTable = (tokens: readonly Token[]): string => {
  const reader = readTokens('CREATE TABLE', tokens);
  reader.expect('create');
  const isTemporary = reader.accept('temp') || reader.accept('temporary') || reader.accept('local', 'temp');
  reader.expect('table');
  const ifNotExists = reader.accept('if', 'not', 'exists');
  const table = reader.tableName();
  if (isTemporary && table.schema !== undefined) {
    throw redshiftRefuses(`a schema of the temporary table ${table.name}`, 'r_CREATE_TABLE_NEW');
  }
  const items = readItems(reader);
  readTableAttributes(reader, items.columns);
  reader.end();
  return `CREATE ${isTemporary ? 'TEMP ' : ''}TABLE ${ifNotExists ? 'IF NOT EXISTS ' : ''}${quoteTable(table)} (${items.clauses.join(', ')})`;
};

interface Items {
  readonly columns: readonly string[];
  readonly clauses: readonly string[];
}

const readItems = (reader: TokenReader): Items => {
  const columns: string[] = [];
  const clauses: string[] = [];
  reader.expect('(');
  do {
    if (reader.accept('like')) clauses.push(readLike(reader));
    else if (reader.accept('primary', 'key') || reader.accept('unique')) reader.identifiers();
    else if (reader.isNext('constraint', 'foreign', 'check')) {
      throw notKnownHere(`the table constraint ${reader.peek().text}`);
    } else {
      const column = readColumn(reader);
      columns.push(column.name);
      clauses.push(column.clause);
    }
  } while (reader.accept(','));
  reader.expect(')');
  if (columns.length > MAX_COLUMNS)
    throw redshiftRefuses(`${columns.length} columns`, 'amazon-redshift-limits');
  return { columns, clauses };
};

/** LIKE copies names, types and NOT NULL, never keys; defaults by INCLUDING DEFAULTS only. */
const readLike = (reader: TokenReader): string => {
  const table = quoteTable(reader.tableName());
  const defaults = reader.accept('including', 'defaults') ? ' INCLUDING DEFAULTS' : '';
  reader.accept('excluding', 'defaults');
  return `LIKE ${table} INCLUDING CONSTRAINTS${defaults}`;
};

interface Column {
  readonly name: string;
  readonly clause: string;
}

const readColumn = (reader: TokenReader): Column => {
  const name = reader.identifier();
  checkColumnName(name);
  const type = readColumnType(reader);
  const attributes = readColumnAttributes(reader, type);
  return {
    name,
    clause: `${quoteIdentifier(name)} ${type.postgres}${attributes.clause}${toByteCheck(name, type)}`,
  };
};

interface Attributes {
  readonly clause: string;
  readonly isNotNull: boolean;
  readonly hasDefault: boolean;
}

/** DISTKEY, SORTKEY, ENCODE and the keys say nothing about rows: Redshift enforces NOT NULL alone (t_Defining_constraints). */
const readColumnAttributes = (reader: TokenReader, type: ColumnType): Attributes => {
  const clauses: string[] = [];
  let [isNotNull, hasDefault] = [false, false];
  for (;;) {
    if (reader.accept('not', 'null')) {
      clauses.push(' NOT NULL');
      isNotNull = true;
    } else if (reader.accept('default')) {
      clauses.push(` DEFAULT ${readDefault(reader)}`);
      hasDefault = true;
    } else if (reader.accept('encode')) readEncoding(reader);
    else if (reader.accept('distkey') || reader.accept('sortkey')) refuseSuperKey(type);
    else if (reader.accept('primary', 'key') || reader.accept('unique') || reader.accept('null')) continue;
    else if (reader.isNext('identity', 'generated', 'references', 'collate')) {
      throw notKnownHere(`the column attribute ${reader.peek().text}`);
    } else return { clause: clauses.join(''), isNotNull, hasDefault };
  }
};

const readEncoding = (reader: TokenReader): void => {
  const token = reader.take();
  if (!ENCODINGS.includes(token.value)) {
    throw redshiftRefuses(`the encoding ${token.text}`, 'c_Compression_encodings');
  }
};

const refuseSuperKey = (type: ColumnType): void => {
  if (type.postgres === 'super') {
    throw redshiftRefuses('a SUPER column as distribution or sort key', 'limitations-super');
  }
};

/** BACKUP, DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO: checked, and of no effect on rows. */
const readTableAttributes = (reader: TokenReader, columns: readonly string[]): void => {
  const checkKeys = (keys: readonly string[]): void => {
    const stranger = keys.find((key) => columns.length > 0 && !columns.includes(key));
    if (stranger !== undefined) throw new SqlRefused(`column "${stranger}" named in key does not exist`);
  };
  for (;;) {
    if (reader.accept('diststyle')) {
      const style = reader.take();
      if (!['even', 'key', 'all', 'auto'].includes(style.value)) reader.fail(style);
    } else if (reader.accept('distkey')) checkKeys(reader.identifiers());
    else if (reader.accept('sortkey', 'auto') || reader.accept('encode', 'auto')) continue;
    else if (reader.accept('backup', 'yes') || reader.accept('backup', 'no')) continue;
    else if (reader.accept('sortkey') || reader.accept('compound', 'sortkey'))
      checkKeys(reader.identifiers());
    else if (reader.accept('interleaved', 'sortkey')) checkKeys(reader.identifiers());
    else return;
  }
};

/** What an ALTER TABLE does. A wider varchar has to know the narrower one, so it is no text yet. */
export type AlterTable =
  | { readonly kind: 'add'; readonly text: string }
  | {
      readonly kind: 'widen';
      readonly table: TableName;
      readonly column: string;
      readonly type: ColumnType;
    };

/** Reads ALTER TABLE … ADD COLUMN and … ALTER COLUMN … TYPE (r_ALTER_TABLE). */
export const parseAlterTable = (tokens: readonly Token[], isInTransaction: boolean): AlterTable => {
  const reader = readTokens('ALTER TABLE', tokens);
  reader.expect('alter', 'table');
  const table = reader.tableName();
  const alter = reader.accept('add')
    ? readAddColumn(reader, table)
    : readWiden(reader, table, isInTransaction);
  reader.end();
  return alter;
};

const readAddColumn = (reader: TokenReader, table: TableName): AlterTable => {
  reader.accept('column');
  if (reader.isNext('if')) throw redshiftRefuses('ADD COLUMN IF NOT EXISTS', 'r_ALTER_TABLE');
  const name = reader.identifier();
  checkColumnName(name);
  const type = readColumnType(reader);
  const attributes = readColumnAttributes(reader, type);
  if (attributes.isNotNull && !attributes.hasDefault) {
    throw redshiftRefuses(`ADD COLUMN ${name} NOT NULL without a default`, 'r_ALTER_TABLE');
  }
  const clause = `${quoteIdentifier(name)} ${type.postgres}${attributes.clause}${toByteCheck(name, type)}`;
  return { kind: 'add', text: `ALTER TABLE ${quoteTable(table)} ADD COLUMN ${clause}` };
};

const readWiden = (reader: TokenReader, table: TableName, isInTransaction: boolean): AlterTable => {
  if (reader.isNext('append')) throw notKnownHere('ALTER TABLE APPEND, which commits by itself');
  if (!reader.accept('alter')) throw notKnownHere(`ALTER TABLE … ${reader.peek().text}`);
  reader.accept('column');
  const column = reader.identifier();
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

/** The statements that widen a varchar of `bytes` bytes. Throws SqlRefused when it would get narrower. */
export const toPostgresWiden = (
  alter: Extract<AlterTable, { kind: 'widen' }>,
  bytes: number,
): readonly string[] => {
  if ((alter.type.bytes ?? 0) < bytes) {
    throw redshiftRefuses(
      `column "${alter.column}" from varchar(${bytes}) to ${alter.type.postgres}`,
      'r_ALTER_TABLE',
    );
  }
  const table = quoteTable(alter.table);
  const old = toByteCheckName(alter.column, { postgres: `varchar(${bytes})`, bytes });
  return [
    `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${old}`,
    `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(alter.column)} TYPE ${alter.type.postgres}`,
    `ALTER TABLE ${table} ADD${toByteCheck(alter.column, alter.type)}`,
  ];
};
