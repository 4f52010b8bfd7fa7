import { InvalidInput } from '../errors.ts';

/**
 * The one pair that puts foreign text into SQL. What reads differently on Redshift and on Postgres is refused
 * rather than escaped, so that one text means one thing.
 */

/** https://docs.aws.amazon.com/redshift/latest/dg/r_names.html: 1 to 127 bytes. */
const MAX_IDENTIFIER_BYTES = 127;

/** Quotes a name. Folded to lower case, as Redshift does even to quoted names (r_names.html). Throws InvalidInput. */
export const quoteIdentifier = (name: string): string => {
  const bytes = Buffer.byteLength(name);
  if (bytes < 1 || bytes > MAX_IDENTIFIER_BYTES || name.includes('\0')) {
    throw new InvalidInput(
      `name ${JSON.stringify(name)} has ${bytes} bytes, allowed are 1 to ${MAX_IDENTIFIER_BYTES} without NUL`,
    );
  }
  return `"${name.toLowerCase().replaceAll('"', '""')}"`;
};

/** Quotes `schema.table`. */
export const quoteTable = (table: { readonly schema: string; readonly name: string }): string =>
  `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;

/**
 * Quotes a text value. A backslash is an escape in Redshift's literals (its QUOTE_LITERAL doubles it:
 * https://docs.aws.amazon.com/redshift/latest/dg/r_QUOTE_LITERAL.html) and plain text in Postgres's, so a text with
 * one is refused. Throws InvalidInput.
 */
export const quoteLiteral = (text: string): string => {
  if (/[\\\0]/.test(text)) {
    throw new InvalidInput(`text ${JSON.stringify(text)} has a backslash or NUL, which no SQL literal takes`);
  }
  return `'${text.replaceAll("'", "''")}'`;
};

/** A text as VARCHAR: a bare literal has no type in a UNION or CREATE TABLE AS. */
export const varcharLiteral = (text: string, length = 256): string =>
  `CAST(${quoteLiteral(text)} AS VARCHAR(${length}))`;

/** An ISO 8601 time in UTC as TIMESTAMPTZ. */
export const timeLiteral = (iso: string): string =>
  `CAST(${quoteLiteral(iso.replace('T', ' ').replace('Z', '+00'))} AS TIMESTAMPTZ)`;

/** The start of the load's transaction, with microseconds: all that it writes bears it (https://docs.aws.amazon.com/redshift/latest/dg/r_SYSDATE.html). */
export const LOADED_AT = 'CAST(SYSDATE AS TIMESTAMPTZ)';
