/**
 * The `fields` argument of Reportable REST: an XPath-like selection with filters.
 *
 *     path  := step ('/' path)?        step  := name filter? | '*' | '(' path ('|' path)* ')'
 *     filter := '[' or ']'             or    := and ('or' and)*      and := test ('and' test)*
 *     test  := name ('/' name)* ('=' | '>' | '<') value              value := 'x' | "x" | bare | '|' bare '|'
 */

export interface Branch {
  /** An element's name, or `*` for the scalars of its level. */
  readonly name: string;
  readonly filter?: Condition;
  /** Empty where the path ends. */
  readonly below: readonly Branch[];
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Condition[] }
  | {
      readonly kind: 'test';
      readonly path: readonly string[];
      readonly operator: '=' | '<' | '>';
      readonly value: string;
    };

/** Thrown for what the grammar does not allow; the server answers it as CRRED0108E. */
export class IllegalFields extends Error {
  override readonly name = 'IllegalFields';
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** Reads a `fields` argument. The first segment, the resource, is not looked at, as on the real server. Throws IllegalFields. */
export const parseFields = (text: string): readonly Branch[] => {
  const cursor: Cursor = { text, at: 0 };
  const branches = parsePath(cursor);
  if (cursor.at !== text.length) throw unexpected(cursor);
  const [root, ...others] = branches;
  if (root === undefined || others.length > 0 || root.below.length === 0) {
    throw new IllegalFields(`${text} selects no element; resource/element/… is expected`);
  }
  return root.below;
};

/** A branch of what was modified after a time alone, as `modified>time` in its filter; a time that is none is refused with it. */
export const modifiedAfter = (branch: Branch, time: string): Branch => {
  const test: Condition = { kind: 'test', path: ['modified'], operator: '>', value: time };
  const terms = branch.filter === undefined ? [test] : [branch.filter, test];
  return { ...branch, filter: { kind: 'and', terms } };
};

const parsePath = (cursor: Cursor): readonly Branch[] => {
  const heads = cursor.text[cursor.at] === '(' ? parseGroup(cursor) : [parseStep(cursor)];
  if (cursor.text[cursor.at] !== '/') return heads;
  cursor.at += 1;
  const below = parsePath(cursor);
  return heads.map((head) => append(head, below));
};

/** `(a|b/c)/d`: what follows a group continues every end in it. */
const append = (branch: Branch, below: readonly Branch[]): Branch => ({
  ...branch,
  below: branch.below.length === 0 ? below : branch.below.map((child) => append(child, below)),
});

const parseGroup = (cursor: Cursor): readonly Branch[] => {
  const branches: Branch[] = [];
  do {
    cursor.at += 1;
    branches.push(...parsePath(cursor));
  } while (cursor.text[cursor.at] === '|');
  expect(cursor, ')');
  return branches;
};

const parseStep = (cursor: Cursor): Branch => {
  const name = take(cursor, /\*|[A-Za-z_][\w.-]*/y);
  if (name === undefined) throw unexpected(cursor);
  if (cursor.text[cursor.at] !== '[') return { name, below: [] };
  cursor.at += 1;
  const filter = parseTerms(cursor, 'or');
  expect(cursor, ']');
  return { name, filter, below: [] };
};

const parseTerms = (cursor: Cursor, kind: 'and' | 'or'): Condition => {
  const parseTerm = (): Condition => (kind === 'or' ? parseTerms(cursor, 'and') : parseTest(cursor));
  const terms = [parseTerm()];
  while (take(cursor, kind === 'or' ? /\s+or\s+/y : /\s+and\s+/y) !== undefined) terms.push(parseTerm());
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { kind, terms };
};

const parseTest = (cursor: Cursor): Condition => {
  take(cursor, /\s+/y);
  const path = take(cursor, /[A-Za-z_][\w.-]*(?:\/[A-Za-z_][\w.-]*)*/y);
  const operator = take(cursor, /\s*[=<>](?![=<>])\s*/y)?.trim();
  const value = take(cursor, /'[^']*'|"[^"]*"|[^\s\]'"()|]+|\|[^\s\]'"()|]+\|/y);
  if (path === undefined || value === undefined || !isOperator(operator)) throw unexpected(cursor);
  take(cursor, /\s+(?=\])/y);
  return { kind: 'test', path: path.split('/'), operator, value: value.replace(/^(['"])(.*)\1$/s, '$2') };
};

const isOperator = (text: string | undefined): text is '=' | '<' | '>' =>
  text === '=' || text === '<' || text === '>';

/** Takes what a sticky pattern matches here. */
const take = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
};

const expect = (cursor: Cursor, character: string): void => {
  if (cursor.text[cursor.at] !== character) throw unexpected(cursor);
  cursor.at += 1;
};

const unexpected = ({ text, at }: Cursor): IllegalFields =>
  new IllegalFields(
    at < text.length
      ? `${JSON.stringify(text[at])} at ${at + 1} of ${text} is not expected`
      : `${text} ends too early`,
  );
