import type { ColumnType } from './column-type.ts';
import type { TokenReader } from './reader.ts';
import { redshiftRefuses } from './refusal.ts';

/** Encodings of columns (https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html); AUTO is a table's. */
const ENCODINGS = [
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

/** A column of these gets no longer (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html). */
export const FIXED_ENCODINGS: readonly string[] = ['bytedict', 'runlength', 'text255', 'text32k'];

/** Reads the name after ENCODE; without a type, of a column that is there. Throws SqlRefused. */
export const readEncoding = (reader: TokenReader, type?: ColumnType): string => {
  const { text, value } = reader.take();
  if (!ENCODINGS.includes(value)) {
    throw redshiftRefuses(`the encoding ${text}`, 'c_Compression_encodings');
  }
  const isVarchar = type === undefined || type.postgres.startsWith('varchar');
  const isText = type?.bytes !== undefined;
  if ((value.startsWith('text') && !isVarchar) || (value === 'az64' && isText)) {
    throw redshiftRefuses(`the encoding ${text} of ${type?.postgres}`, 'c_Compression_encodings');
  }
  return value;
};
