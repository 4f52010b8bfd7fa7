import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';
  /** As written. */
  readonly text: string;
  /** A word in lower case, an identifier or a string without its quotes. */
  readonly value: string;
  /** Index of its first character. */
  readonly start: number;
}

/** Longest identifier in bytes (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html). */
const MAX_IDENTIFIER_BYTES = 127;
/** Postgres cuts longer names off, so that two columns might become one. */
const MAX_LOCAL_IDENTIFIER_BYTES = 63;

const SHAPES: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /\s+|--[^\n]*|\/\*(?:(?!\*\/|\/\*)[\s\S])*\*\//y],
  ['string', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")+"/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['symbol', /::|<>|!=|>=|<=|\|\||!~|[-+*/%(),.;=<>:[\]~^&|#@]/y],
];

/** Splits one statement into its words; the last one is the end. Throws SqlRefused for what no rule reads. */
export const parseTokens = (sql: string): readonly Token[] => {
  const tokens = [...splitTokens(sql)];
  const end = tokens.splice(-1);
  while (tokens.at(-1)?.text === ';') tokens.pop();
  const stray = tokens.find((token) => token.text === ';');
  if (stray !== undefined) throw new SqlRefused('only one SQL statement at a time can be run');
  return [...tokens, ...end];
};

/** The same of what may have several statements. */
export const splitTokens = (sql: string): readonly Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const [kind, text] = matchAt(sql, at);
    if (kind !== 'space') tokens.push(toToken(kind, text, at, tokens.at(-1)));
    at += text.length;
  }
  return [...tokens, { kind: 'end', text: '', value: '', start: sql.length }];
};

const matchAt = (sql: string, at: number): readonly [Token['kind'] | 'space', string] => {
  for (const [kind, shape] of SHAPES) {
    shape.lastIndex = at;
    const text = shape.exec(sql)?.[0];
    if (text !== undefined) return [kind, text];
  }
  if (sql[at] === '$')
    throw redshiftRefuses('a dollar-quoted string outside CREATE PROCEDURE', 'r_CREATE_PROCEDURE');
  throw new SqlRefused(`syntax error at or near "${sql[at]}" (character ${at + 1})`);
};

const toToken = (kind: Token['kind'], text: string, start: number, before: Token | undefined): Token => {
  if (kind === 'string') {
    if (before?.kind === 'word' && before.start + before.text.length === start) {
      throw notKnownHere(`a string literal with the prefix ${before.text}`);
    }
    return { kind, text, value: text.slice(1, -1).replaceAll("''", "'"), start };
  }
  if (kind === 'quoted')
    return { kind, text, value: toIdentifier(text.slice(1, -1).replaceAll('""', '"')), start };
  if (kind === 'word') return { kind, text, value: toIdentifier(text), start };
  return { kind, text, value: text, start };
};

/** Redshift folds ASCII letters to lower case even in quotes (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html). */
const toIdentifier = (name: string): string => {
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_IDENTIFIER_BYTES)
    throw redshiftRefuses(`identifier "${name}" of ${bytes} bytes`, 'r_names');
  if (bytes > MAX_LOCAL_IDENTIFIER_BYTES) {
    throw notKnownHere(
      `identifier "${name}" of ${bytes} bytes: it holds ${MAX_LOCAL_IDENTIFIER_BYTES}, Redshift ${MAX_IDENTIFIER_BYTES}`,
    );
  }
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
};

/** Writes the statement for Postgres: identifiers folded, comments gone; what stood together stands together. */
export const toPostgresText = (tokens: readonly Token[]): string =>
  tokens
    .map((token, at) => {
      const next = tokens[at + 1];
      const gap = next === undefined || next.start === token.start + token.text.length ? '' : ' ';
      return toPostgresToken(token) + gap;
    })
    .join('')
    .trim();

/**
 * A backslash in a string is an escape for Redshift, whose QUOTE_LITERAL doubles it
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_QUOTE_LITERAL.html), and none for Postgres.
 */
const toPostgresToken = (token: Token): string => {
  if (token.kind === 'quoted') return quoteIdentifier(token.value);
  if (token.kind === 'string' && token.value.includes('\\')) {
    throw notKnownHere(`the string literal ${token.text}: Redshift reads its backslash as an escape`);
  }
  return token.text;
};

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const quoteLiteral = (value: string): string => `'${value.replaceAll("'", "''")}'`;
