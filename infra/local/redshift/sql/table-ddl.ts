import {
  type ColumnType,
  checkColumnName,
  readColumnType,
  readDefault,
  toByteCheck,
  toEncodingName,
  toMark,
  toUniqueName,
} from './column-type.ts';
import { readEncoding } from './encoding.ts';
import { quoteTable, readTokens, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import { quoteIdentifier, type Token } from './tokens.ts';

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
    else if (reader.accept('primary', 'key') || reader.accept('unique')) {
      const names = reader.identifiers();
      clauses.push(...names.map((name) => toMark(toUniqueName(name)).trim()));
    } else if (reader.isNext('constraint', 'foreign', 'check')) {
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
  const attributes = readColumnAttributes(reader, name, type);
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

/** DISTKEY, SORTKEY, ENCODE and the keys say nothing about rows; encodings and keys are remembered, as they keep a column from getting longer: Redshift enforces NOT NULL alone (t_Defining_constraints). */
export const readColumnAttributes = (reader: TokenReader, name: string, type: ColumnType): Attributes => {
  const clauses: string[] = [];
  let [isNotNull, hasDefault] = [false, false];
  for (;;) {
    if (reader.accept('not', 'null')) {
      clauses.push(' NOT NULL');
      isNotNull = true;
    } else if (reader.accept('default')) {
      clauses.push(` DEFAULT ${readDefault(reader)}`);
      hasDefault = true;
    } else if (reader.accept('encode'))
      clauses.push(toMark(toEncodingName(name, readEncoding(reader, type))));
    else if (reader.accept('distkey') || reader.accept('sortkey')) refuseSuperKey(type);
    else if (reader.accept('primary', 'key') || reader.accept('unique'))
      clauses.push(toMark(toUniqueName(name)));
    else if (reader.accept('null')) continue;
    else if (reader.isNext('identity', 'generated', 'references', 'collate')) {
      throw notKnownHere(`the column attribute ${reader.peek().text}`);
    } else return { clause: clauses.join(''), isNotNull, hasDefault };
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
