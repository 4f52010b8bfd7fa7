import {
  type ColumnType,
  checkColumnName,
  readColumnType,
  readDefault,
  toByteCheck,
  toDistkeyName,
  toEncodingName,
  toMark,
  toSortkeyName,
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
  const marks = readTableAttributes(reader, items.columns).map((name) => toMark(name).trim());
  reader.end();
  return `CREATE ${isTemporary ? 'TEMP ' : ''}TABLE ${ifNotExists ? 'IF NOT EXISTS ' : ''}${quoteTable(table)} (${[...items.clauses, ...marks].join(', ')})`;
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

/** DISTKEY, SORTKEY, ENCODE and the keys say nothing about rows; they are remembered, as encodings and keys keep a column from getting longer: Redshift enforces NOT NULL alone (t_Defining_constraints). */
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
    else if (reader.isNext('distkey', 'sortkey')) {
      refuseSuperKey(type);
      const mark = reader.accept('sortkey') ? toSortkeyName(name, 1) : toDistkeyName(name);
      if (!mark.startsWith('sortkey')) reader.expect('distkey');
      clauses.push(toMark(mark));
    } else if (reader.accept('primary', 'key') || reader.accept('unique'))
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

/** BACKUP, DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO: checked, and of no effect on rows. Gives the names of marks for the keys. */
const readTableAttributes = (reader: TokenReader, columns: readonly string[]): readonly string[] => {
  const marks: string[] = [];
  const readKeys = (toMarkName: (key: string, at: number) => string): void => {
    const keys = reader.identifiers();
    const stranger = keys.find((key) => columns.length > 0 && !columns.includes(key));
    if (stranger !== undefined) throw new SqlRefused(`column "${stranger}" named in key does not exist`);
    marks.push(...keys.map(toMarkName));
  };
  for (;;) {
    if (reader.accept('diststyle')) {
      const style = reader.take();
      if (!['even', 'key', 'all', 'auto'].includes(style.value)) reader.fail(style);
    } else if (reader.accept('distkey')) readKeys(toDistkeyName);
    else if (reader.accept('sortkey', 'auto') || reader.accept('encode', 'auto')) continue;
    else if (reader.accept('backup', 'yes') || reader.accept('backup', 'no')) continue;
    else if (reader.accept('sortkey') || reader.accept('compound', 'sortkey'))
      readKeys((key, at) => toSortkeyName(key, at + 1));
    else if (reader.accept('interleaved', 'sortkey'))
      readKeys((key, at) => toSortkeyName(key, at % 2 === 0 ? at + 1 : -(at + 1)));
    else return marks;
  }
};
