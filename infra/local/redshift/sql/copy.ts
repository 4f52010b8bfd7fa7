import { readTokens, type TableName, type TokenReader } from './reader.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import type { Token } from './tokens.ts';

/** A COPY from a manifest of zstd CSV files (https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html). */
export interface Copy {
  readonly table: TableName;
  /** In file order; undefined is all of the table's. */
  readonly columns: readonly string[] | undefined;
  readonly manifest: { readonly bucket: string; readonly key: string };
  /** ARN of the role to read with, or `default`: the namespace's. */
  readonly role: string;
  /** Stands for NULL in a field. */
  readonly nullAs: string;
}

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;
/** The null string without NULL AS (copy-parameters-data-conversion). */
const DEFAULT_NULL = '\\N';

/** Parameters that need no value and change nothing here: compression and statistics of the target. */
const REQUIRED = ['manifest', 'csv', 'zstd', 'iam_role'] as const;

/** Reads a COPY. Throws SqlRefused for each parameter that would change what is loaded and is not known. */
export const parseCopy = (tokens: readonly Token[]): Copy => {
  const reader = readTokens('COPY', tokens);
  reader.expect('copy');
  const table = reader.tableName();
  const columns = reader.peek().text === '(' ? reader.identifiers() : undefined;
  reader.expect('from');
  const manifest = parseS3Url(reader.string());
  const given = new Map<string, string>();
  while (reader.peek().kind !== 'end') {
    const [name, value] = readParameter(reader);
    if (given.has(name)) throw redshiftRefuses(`${name.toUpperCase()} given twice`, 'r_COPY');
    given.set(name, value);
  }
  for (const name of REQUIRED) {
    if (!given.has(name)) throw notKnownHere(`a COPY without ${name.toUpperCase()}`);
  }
  const role = given.get('iam_role') ?? '';
  return { table, columns, manifest, role, nullAs: given.get('null') ?? DEFAULT_NULL };
};

/** Splits `s3://bucket/key`. Throws SqlRefused. */
export const parseS3Url = (url: string): { bucket: string; key: string } => {
  const match = S3_URL.exec(url);
  if (match?.[1] === undefined || match[2] === undefined) throw new SqlRefused(`invalid S3 path ${url}`);
  return { bucket: match[1], key: match[2] };
};

const readParameter = (reader: TokenReader): readonly [string, string] => {
  const token = reader.take();
  const name = token.value;
  if (name === 'manifest' || name === 'csv' || name === 'zstd') return [name, ''];
  if (name === 'format') {
    reader.accept('as');
    reader.expect('csv');
    return ['csv', ''];
  }
  if (name === 'iam_role') return [name, readRole(reader)];
  if (name === 'compupdate' || name === 'statupdate') {
    if (!['on', 'off', 'preset', 'true', 'false'].includes(reader.take().value)) reader.fail();
    return [name, ''];
  }
  if (name === 'maxerror') return [name, readMaxError(reader)];
  if (['null', 'timeformat', 'dateformat', 'region', 'delimiter'].includes(name)) {
    reader.accept('as');
    return [name, checkValue(name, reader.string())];
  }
  if (token.kind === 'word') throw notKnownHere(`the COPY parameter ${token.text}`);
  return reader.fail(token);
};

const readRole = (reader: TokenReader): string => {
  if (reader.accept('default')) return 'default';
  const role = reader.string();
  if (!ROLE.test(role))
    throw new SqlRefused(`Invalid credentials: IAM_ROLE '${role}' is not the ARN of a role`);
  return role;
};

/** Above zero, rows would be lost in silence (copy-parameters-data-load). */
const readMaxError = (reader: TokenReader): string => {
  reader.accept('as');
  if (reader.integer() !== 0) throw notKnownHere('MAXERROR above 0');
  return '0';
};

const checkValue = (name: string, value: string): string => {
  if (name === 'null') return checkNull(value);
  if (name === 'region') return value;
  const only = name === 'delimiter' ? ',' : 'auto';
  if (value !== only) throw notKnownHere(`${name.toUpperCase()} '${value}', only '${only}'`);
  return value;
};

/** Backslash escapes in the null string are read in ways that the guide shows by example only; the default is one of them. */
const checkNull = (value: string): string => {
  if (value === '\\N' || value === '\\\\N') return DEFAULT_NULL;
  if (value.includes('\\') || /["\r\n,]/.test(value)) throw notKnownHere(`NULL AS '${value}'`);
  return value;
};
