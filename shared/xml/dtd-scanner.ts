import { XmlMalformed } from '../errors.ts';
import type { Refuse } from './budget.ts';
import { splitName } from './names.ts';

/**
 * Reads a document type declaration from left to right, piece by piece: each function takes what it names or nothing, and looks at no
 * character twice, so that the time is that of the text's length whatever stands in it.
 */
export interface Scanner {
  readonly text: string;
  at: number;
  readonly refuse: Refuse;
}

const START =
  '[:A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}]';
const CHAR = `(?:${START}|[-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040])`;
const NAME = new RegExp(`${START}${CHAR}*`, 'uy');
const TOKEN = new RegExp(`${CHAR}+`, 'uy');
const SPACE = /[ \t\r\n]+/y;
const PUBLIC_ID = /[-' ()+,./:=?;!*#@$_%a-zA-Z0-9\r\n]*/y;

/** What of the text an error shows. */
const SHOWN = 40;

export const wrong = ({ text, at, refuse }: Scanner, what: string): never =>
  refuse(
    XmlMalformed,
    `${what} in the document type declaration, near ${JSON.stringify(text.slice(at, at + SHOWN))}`,
  );

const match = (s: Scanner, pattern: RegExp): string | undefined => {
  pattern.lastIndex = s.at;
  const found = pattern.exec(s.text)?.[0];
  s.at += found?.length ?? 0;
  return found;
};

/** Whether the text goes on with it; then it is taken. */
export const take = (s: Scanner, literal: string): boolean => {
  const isThere = s.text.startsWith(literal, s.at);
  if (isThere) s.at += literal.length;
  return isThere;
};

export const skipSpace = (s: Scanner): boolean => match(s, SPACE) !== undefined;

export const needSpace = (s: Scanner): void => {
  if (!skipSpace(s)) wrong(s, 'no white space');
};

export const need = (s: Scanner, literal: string): void => {
  if (!take(s, literal)) wrong(s, `no ${literal}`);
};

/** A name of an element or an attribute, which has one colon at most, between two names (Namespaces in XML 1.0, 7). */
export const readQualifiedName = (s: Scanner): string => {
  const start = s.at;
  const name = match(s, NAME) ?? wrong(s, 'no name');
  if (splitName(name) === undefined) {
    s.at = start;
    wrong(s, `the malformed name ${name}`);
  }
  return name;
};

/** A name of an entity, a notation or a processing instruction, which has no colon. */
export const readPlainName = (s: Scanner, of: string): string => {
  const start = s.at;
  const name = match(s, NAME) ?? wrong(s, `no name of ${of}`);
  if (name.includes(':')) {
    s.at = start;
    wrong(s, `a colon in the name of ${of}`);
  }
  return name;
};

export const isName = (text: string): boolean => {
  NAME.lastIndex = 0;
  return NAME.exec(text)?.[0] === text;
};

export const readToken = (s: Scanner): string => match(s, TOKEN) ?? wrong(s, 'no name token');

/** What stands up to the end, which is taken too. */
export const readTo = (s: Scanner, end: string, what: string): string => {
  const found = s.text.indexOf(end, s.at);
  if (found < 0) wrong(s, `no ${end} after ${what}`);
  const read = s.text.slice(s.at, found);
  s.at = found + end.length;
  return read;
};

/** A quoted literal without its quotes; undefined when none begins here. */
export const readQuoted = (s: Scanner): string | undefined => {
  const quote = s.text[s.at];
  if (quote !== '"' && quote !== "'") return undefined;
  s.at += 1;
  return readTo(s, quote, 'a literal');
};

/** An external identifier, as text; undefined when none begins here. A notation may have a public one alone. */
export const readExternalId = (s: Scanner, mayBePublicAlone: boolean): string | undefined => {
  if (take(s, 'SYSTEM')) {
    needSpace(s);
    return readQuoted(s) ?? wrong(s, 'no system identifier');
  }
  if (!take(s, 'PUBLIC')) return undefined;
  needSpace(s);
  const id = readPublicId(s);
  const hasSpace = skipSpace(s);
  const system = readQuoted(s);
  if (system === undefined && !mayBePublicAlone) wrong(s, 'no system identifier');
  if (system !== undefined && !hasSpace) wrong(s, 'no white space');
  return system ?? id;
};

const readPublicId = (s: Scanner): string => {
  const start = s.at;
  const id = readQuoted(s) ?? wrong(s, 'no public identifier');
  const isWithoutQuote = s.text[start] === '"' || !id.includes("'");
  PUBLIC_ID.lastIndex = 0;
  if (!isWithoutQuote || PUBLIC_ID.exec(id)?.[0] !== id) wrong(s, 'a malformed public identifier');
  return id;
};
