import { createHash } from 'node:crypto';
import { SYSTEM_COLUMNS } from '../../../../shared/feed/resolve/identifiers.ts';
import type { TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import { quoteIdentifier } from './tokens.ts';

/** https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
const VARCHAR_BYTES = { standard: 256, max: 65_535 };
const CHAR_BYTES = { standard: 1, max: 4096 };
/** https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html */
const DECIMAL = { precision: 18, maxPrecision: 38, maxScale: 37 };

export interface ColumnType {
  /** As Postgres writes it. */
  readonly postgres: string;
  /** Lengths of character types count UTF-8 bytes. */
  readonly bytes?: number;
}

const PLAIN: Readonly<Record<string, string>> = {
  smallint: 'smallint',
  int2: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  real: 'real',
  float4: 'real',
  float8: 'double precision',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  timestamptz: 'timestamptz',
  super: 'super',
};
const UNUSED = ['time', 'timetz', 'varbyte', 'varbinary', 'geometry', 'geography', 'hllsketch', 'interval'];

/** Reads a data type (https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html). */
export const readColumnType = (reader: TokenReader): ColumnType => {
  const token = reader.peek();
  if (token.kind !== 'word') reader.fail();
  const name = reader.take().value;
  const plain = PLAIN[name];
  if (plain !== undefined) return { postgres: plain };
  if (name === 'double') {
    reader.expect('precision');
    return { postgres: 'double precision' };
  }
  if (name === 'timestamp') return readTimestamp(reader);
  if (name === 'decimal' || name === 'numeric') return readDecimal(reader);
  if (name === 'varchar' || name === 'nvarchar' || name === 'text') return readCharacters(reader, 'varchar');
  if (name === 'char' || name === 'character' || name === 'nchar') {
    return readCharacters(reader, name === 'character' && reader.accept('varying') ? 'varchar' : 'char');
  }
  if (UNUSED.includes(name)) throw notKnownHere(`the data type ${name}`);
  throw redshiftRefuses(`the data type ${name}`, 'c_Supported_data_types');
};

const readTimestamp = (reader: TokenReader): ColumnType => {
  if (reader.accept('with', 'time', 'zone')) return { postgres: 'timestamptz' };
  reader.accept('without', 'time', 'zone');
  return { postgres: 'timestamp' };
};

const readDecimal = (reader: TokenReader): ColumnType => {
  let [precision, scale] = [DECIMAL.precision, 0];
  if (reader.accept('(')) {
    precision = reader.integer();
    if (reader.accept(',')) scale = reader.integer();
    reader.expect(')');
  }
  if (precision < 1 || precision > DECIMAL.maxPrecision || scale > Math.min(precision, DECIMAL.maxScale)) {
    throw redshiftRefuses(`numeric(${precision},${scale})`, 'r_Numeric_types201');
  }
  return { postgres: `numeric(${precision},${scale})` };
};

const readCharacters = (reader: TokenReader, kind: 'varchar' | 'char'): ColumnType => {
  const limits = kind === 'varchar' ? VARCHAR_BYTES : CHAR_BYTES;
  let bytes = limits.standard;
  if (reader.accept('(')) {
    bytes = reader.accept('max') ? limits.max : reader.integer();
    reader.expect(')');
  }
  if (bytes < 1 || bytes > limits.max) throw redshiftRefuses(`${kind}(${bytes})`, 'r_Character_types');
  return { postgres: `${kind}(${bytes})`, bytes };
};

const CHECK = /^bytes_(v|c)_(\d+)_[0-9a-f]{16}$/;

/** Postgres counts characters, Redshift bytes: the clause that makes a column count bytes. */
export const toByteCheck = (column: string, type: ColumnType): string =>
  type.bytes === undefined
    ? ''
    : ` CONSTRAINT ${toByteCheckName(column, type)} CHECK (octet_length(${quoteIdentifier(column)}) <= ${type.bytes})`;

export const toByteCheckName = (column: string, type: ColumnType): string =>
  `bytes_${type.postgres[0]}_${type.bytes}_${hashOf(column)}`;

/** What Redshift says when the check of this name fails; undefined for another name. */
export const byteCheckMessage = (constraint: string): string | undefined => {
  const match = CHECK.exec(constraint);
  if (match === null) return undefined;
  return `value too long for type ${match[1] === 'v' ? 'character varying' : 'character'}(${match[2]})`;
};

const hashOf = (column: string): string => createHash('sha256').update(column).digest('hex').slice(0, 16);

/**
 * What Redshift keeps of a column and Postgres has no place for, as the name of a check that is always true: it comes and goes with the table.
 * `svv_redshift_columns` reads it there.
 */
export const toEncodingName = (column: string, encoding: string): string =>
  `encoded_${encoding}_${hashOf(column)}`;
/** Of DISTKEY, and of the column's place in SORTKEY, from 1; negative in an interleaved one. */
export const toDistkeyName = (column: string): string => `distkey_${hashOf(column)}`;
export const toSortkeyName = (column: string, place: number): string =>
  `sortkey_${place < 0 ? 'm' : 'p'}${Math.abs(place)}_${hashOf(column)}`;
/** Of UNIQUE and PRIMARY KEY, which are not enforced. */
export const toUniqueName = (column: string): string => `unique_${hashOf(column)}`;
export const toMark = (name: string): string => ` CONSTRAINT ${name} CHECK (true)`;

export const checkColumnName = (name: string): void => {
  if (SYSTEM_COLUMNS.includes(name)) {
    throw redshiftRefuses(`a column named ${name}`, 'c_unsupported-postgresql-features');
  }
};

/** Reads the expression of DEFAULT: a literal. Throws SqlRefused for more. */
export const readDefault = (reader: TokenReader): string => {
  const sign = reader.accept('-') ? '-' : '';
  const token = reader.take();
  if (token.kind === 'number') return `${sign}${token.text}`;
  if (sign !== '') return reader.fail(token);
  if (token.kind === 'string') {
    if (token.value.includes('\\')) throw new SqlRefused(`default ${token.text} has a backslash`);
    return token.text;
  }
  if (token.kind === 'word' && ['null', 'true', 'false'].includes(token.value)) return token.value;
  throw notKnownHere(`a default that is not a literal: ${token.text}`);
};
