import { InvalidInput } from '../errors.ts';

/** The streaming subset of XPath 1.0 that feeds use: reading and printing it. */

/** Which elements a step matches. A name without a prefix is in the default namespace, or in none. */
export type NameTest =
  | { readonly kind: 'name'; readonly prefix?: string; readonly local: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'anyNamespace'; readonly local: string };

export type Predicate =
  | { readonly kind: 'position'; readonly position: number }
  | AttributeTest
  | { readonly kind: 'child'; readonly name: NameTest; readonly value: string };

/** `[@x='v']`, `[@x!='v']`, `[@x]` and `[not(@x)]`. */
export type AttributeTest =
  | { readonly kind: 'attribute' | 'otherAttribute'; readonly name: NameTest; readonly value: string }
  | { readonly kind: 'someAttribute' | 'noAttribute'; readonly name: NameTest };

export interface Step {
  /** After `//`: at any depth below the step before. */
  readonly isDeep?: true;
  readonly name: NameTest;
  readonly predicates: readonly Predicate[];
}

/** What a path yields of the element that its steps lead to. */
export type PathEnd =
  | { readonly kind: 'element' }
  | { readonly kind: 'text' }
  /** The element's local name. */
  | { readonly kind: 'name' }
  | { readonly kind: 'attribute'; readonly name: NameTest };

export interface Path {
  /** The path as it was written. */
  readonly text: string;
  readonly isAbsolute: boolean;
  /** How many `..` steps a relative path starts with. */
  readonly ups: number;
  readonly steps: readonly Step[];
  readonly end: PathEnd;
}

/** What a path may be at most. A document is no deeper than `depth` levels, so a longer path leads nowhere. */
export const PATH_LIMITS = { characters: 4096, steps: 256, predicates: 32 } as const;

/** For messages: the path, or its start where it is long. */
const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** Throws InvalidInput where a path has more of something than is allowed. */
export const refuseOver = (limit: keyof typeof PATH_LIMITS, text: string, count: number): void => {
  if (count > PATH_LIMITS[limit])
    throw new InvalidInput(`path '${shorten(text)}': got ${count} ${limit}, allowed ${PATH_LIMITS[limit]}`);
};

/** Thrown when a path is not of the subset; `offset` counts UTF-16 units from the path's start. */
export class PathError extends InvalidInput {
  readonly offset: number;
  constructor(text: string, offset: number, allowed: string) {
    const got = offset < text.length ? `'${text.slice(offset, offset + 20)}'` : 'its end';
    super(`path '${shorten(text)}': got ${got} at offset ${offset}, allowed ${allowed}`);
    this.offset = offset;
  }
}

// NameStartChar and NameChar of XML 1.0 (https://www.w3.org/TR/xml/#NT-Name) without the colon.
const START =
  'A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const NAME = new RegExp(`[${START}][${START}.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040-]*`, 'uy');
const SPACES = /[ \t\r\n]*/y;
const POSITION = /[0-9]+/y;

/** A place in the text that moves on as tokens are taken. */
interface Cursor {
  readonly text: string;
  offset: number;
}

const fail = (at: Cursor, allowed: string): never => {
  throw new PathError(at.text, at.offset, allowed);
};

const takeMatch = (at: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = at.offset;
  const found = pattern.exec(at.text)?.[0];
  if (found !== undefined) at.offset += found.length;
  return found;
};

const take = (at: Cursor, token: string): boolean => {
  if (!at.text.startsWith(token, at.offset)) return false;
  at.offset += token.length;
  return true;
};

/** Whether a text is a name of XML without a colon. */
export const isNcName = (text: string): boolean => takeMatch({ text, offset: 0 }, NAME) === text;

const takeName = (at: Cursor, allowed: string): string => takeMatch(at, NAME) ?? fail(at, allowed);

const parseNameTest = (at: Cursor, what: 'step' | 'attribute' | 'predicate'): NameTest => {
  if (take(at, '*')) {
    if (take(at, ':')) return { kind: 'anyNamespace', local: takeName(at, "a name after '*:'") };
    if (what === 'step') return { kind: 'any' };
    return fail(at, "':' and a name after '*' here");
  }
  const first = takeName(at, what === 'step' ? "a name, '*', '@name' or text()" : 'a name');
  if (at.text.startsWith('::', at.offset))
    return fail(at, 'no axis: a/b, @x, ../x, text() and name() are the steps there are');
  if (!take(at, ':')) return { kind: 'name', local: first };
  return { kind: 'name', prefix: first, local: takeName(at, `a name after '${first}:'`) };
};

const parseLiteral = (at: Cursor): string => {
  const quote = take(at, "'") ? "'" : take(at, '"') ? '"' : fail(at, 'a quoted value');
  const end = at.text.indexOf(quote, at.offset);
  if (end < 0) {
    at.offset = at.text.length;
    return fail(at, `the closing ${quote}`);
  }
  const value = at.text.slice(at.offset, end);
  at.offset = end + 1;
  return value;
};

/** What stands between the brackets. */
const parsePredicate = (at: Cursor): Predicate => {
  const start = at.offset;
  const digits = takeMatch(at, POSITION);
  if (digits !== undefined) {
    const position = Number(digits);
    if (position >= 1 && Number.isSafeInteger(position)) return { kind: 'position', position };
    at.offset = start;
    return fail(at, 'a position from 1 on');
  }
  if (takeMatch(at, NOT) !== undefined) return parseNot(at);
  const isAttribute = take(at, '@');
  const name = parseNameTest(at, 'predicate');
  takeMatch(at, SPACES);
  if (isAttribute && at.text.startsWith(']', at.offset)) return { kind: 'someAttribute', name };
  const isOther = isAttribute && take(at, '!=');
  if (!isOther && !take(at, '=')) return fail(at, PREDICATES);
  takeMatch(at, SPACES);
  const value = parseLiteral(at);
  if (!isAttribute) return { kind: 'child', name, value };
  return { kind: isOther ? 'otherAttribute' : 'attribute', name, value };
};

const PREDICATES = "[@name='value'], [@name!='value'], [@name], [not(@name)], [name='value'] or [n]";
const NOT = /not[ \t\r\n]*\(/y;

/** What follows `not(`. */
const parseNot = (at: Cursor): Predicate => {
  takeMatch(at, SPACES);
  if (!take(at, '@')) return fail(at, "'@' and a name: not() is there for attributes alone");
  const name = parseNameTest(at, 'predicate');
  takeMatch(at, SPACES);
  if (!take(at, ')')) return fail(at, "')'");
  return { kind: 'noAttribute', name };
};

const parsePredicates = (at: Cursor): readonly Predicate[] => {
  const predicates: Predicate[] = [];
  while (take(at, '[')) {
    takeMatch(at, SPACES);
    predicates.push(parsePredicate(at));
    takeMatch(at, SPACES);
    if (!take(at, ']')) return fail(at, "']'");
  }
  return predicates;
};

/** The steps and the end, from a step's start to the end of the text. */
const parseSteps = (at: Cursor, mayEndAtOnce: boolean): Pick<Path, 'steps' | 'end'> => {
  const steps: Step[] = [];
  for (let isDeep = !mayEndAtOnce && take(at, '/'); ; isDeep = take(at, '/')) {
    const canEnd = (mayEndAtOnce || steps.length > 0) && !isDeep;
    if (canEnd && take(at, '@'))
      return { steps, end: { kind: 'attribute', name: parseNameTest(at, 'attribute') } };
    if (canEnd && take(at, 'text()')) return { steps, end: { kind: 'text' } };
    if (canEnd && take(at, 'name()')) return { steps, end: { kind: 'name' } };
    if (at.text.startsWith('..', at.offset)) return fail(at, "'..' at the start of a relative path only");
    const name = parseNameTest(at, 'step');
    if (at.text.startsWith('(', at.offset))
      return fail(at, 'no function but text() and name() as the last step');
    steps.push({ ...(isDeep && { isDeep }), name, predicates: parsePredicates(at) });
    if (!take(at, '/')) return { steps, end: { kind: 'element' } };
  }
};

const ELEMENT: PathEnd = { kind: 'element' };

const parseRelative = (at: Cursor): Omit<Path, 'text'> => {
  if (at.text.startsWith('.//'))
    return fail(at, "a step before '//', as in a//b: a child's name, or * for any, then // and a name");
  if (at.text === '.') {
    at.offset = 1;
    return { isAbsolute: false, ups: 0, steps: [], end: ELEMENT };
  }
  let ups = 0;
  while (take(at, '..')) {
    ups += 1;
    if (at.offset === at.text.length) return { isAbsolute: false, ups, steps: [], end: ELEMENT };
    if (!take(at, '/')) return fail(at, "'/' after '..'");
    if (at.text.startsWith('/', at.offset)) return fail(at, "a step between '..' and '//', as in ../a//b");
  }
  return { isAbsolute: false, ups, ...parseSteps(at, true) };
};

/**
 * Reads a path: absolute (`/a/b`, `/a/@x`) or relative (`a/b`, `@x`, `a/@x`, `text()`, `name()`, `.`, `../id`, `../../@v`), with `*` for
 * one step, `//` for any depth before a step that follows another or the root, `prefix:name`, `*:name`, and the predicates `[@x='v']`, `[@x!='v']`, `[@x]`, `[not(@x)]`, `[name='v']`, `[n]`. Throws PathError for anything else.
 */
export const parsePath = (text: string): Path => {
  refuseOver('characters', text, text.length);
  const at: Cursor = { text, offset: 0 };
  const isAbsolute = take(at, '/');
  const path = isAbsolute ? { isAbsolute, ups: 0, ...parseSteps(at, false) } : parseRelative(at);
  if (at.offset < text.length)
    return fail(at, path.end.kind === 'element' ? "'/', '[' or the path's end" : "the path's end");
  refuseOver('steps', text, path.ups + path.steps.length);
  refuseOver(
    'predicates',
    text,
    path.steps.reduce((sum, step) => sum + step.predicates.length, 0),
  );
  return { text, ...path };
};

/** A bar, and the quoted values in which it means nothing. */
const BAR = /'[^']*'|"[^"]*"|(\|)/g;

/** Reads `PATH | PATH`: alternatives in their order, or one path. Throws PathError. */
export const parsePaths = (text: string): readonly Path[] => {
  refuseOver('characters', text, text.length);
  const bars = [...text.matchAll(BAR)].filter(([, bar]) => bar !== undefined).map(({ index }) => index);
  if (bars.length === 0) return [parsePath(text)];
  return [...bars, text.length].map((end, n) => parsePath(text.slice((bars[n - 1] ?? -1) + 1, end).trim()));
};

export const printName = (name: NameTest): string => {
  if (name.kind === 'any') return '*';
  if (name.kind === 'anyNamespace') return `*:${name.local}`;
  return name.prefix === undefined ? name.local : `${name.prefix}:${name.local}`;
};

const printPredicate = (predicate: Predicate): string => {
  if (predicate.kind === 'position') return `[${predicate.position}]`;
  if (!('value' in predicate)) {
    const test = `@${printName(predicate.name)}`;
    return predicate.kind === 'noAttribute' ? `[not(${test})]` : `[${test}]`;
  }
  // A literal of XPath 1.0 has no escapes, so a value never holds both quotes.
  const quote = predicate.value.includes("'") ? '"' : "'";
  const at = predicate.kind === 'child' ? '' : '@';
  const is = predicate.kind === 'otherAttribute' ? '!=' : '=';
  return `[${at}${printName(predicate.name)}${is}${quote}${predicate.value}${quote}]`;
};

/** The step in canonical form; one of any depth begins with a slash. */
export const printStep = (step: Step): string =>
  (step.isDeep ? '/' : '') + printName(step.name) + step.predicates.map(printPredicate).join('');

/** The path in canonical form: no spaces in predicates, single quotes where possible. */
export const printPath = (path: Omit<Path, 'text'>): string => {
  const parts = [...Array.from({ length: path.ups }, () => '..'), ...path.steps.map(printStep)];
  if (path.end.kind === 'text') parts.push('text()');
  if (path.end.kind === 'name') parts.push('name()');
  if (path.end.kind === 'attribute') parts.push(`@${printName(path.end.name)}`);
  if (path.isAbsolute) return `/${parts.join('/')}`;
  return parts.length === 0 ? '.' : parts.join('/');
};
