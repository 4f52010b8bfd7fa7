import { SqlRefused } from './refusal.ts';
import type { Token } from './tokens.ts';

/**
 * Names of calls that stand for what Postgres' grammar has no place for, until the tree is rewritten. No statement can have
 * them by itself: a quoted name with a blank is no function's.
 */
export const MARKS = {
  top: 'millrace top',
  qualify: 'millrace qualify',
  distinctList: 'millrace distinct listagg',
};

/** Ends the condition of QUALIFY at its own depth (r_QUALIFY_clause). */
const AFTER_QUALIFY: ReadonlySet<string> = new Set(
  'order limit offset fetch union intersect except minus'.split(' '),
);

/** Writes Redshift's own syntax so that Postgres' parser takes it. Gives the same list where there is none of it. */
export const rewriteTokens = (tokens: readonly Token[]): readonly Token[] => {
  const found = tokens.flatMap((token, at) => readAt(tokens, token, at));
  return moveQualify(found);
};

const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);

const readAt = (tokens: readonly Token[], token: Token, at: number): readonly Token[] => {
  const [before, next] = [tokens[at - 1], tokens[at + 1]];
  if (isTop(tokens, at)) return mark(MARKS.top, token, '(');
  // The number behind TOP closes the call; what follows is the list.
  if (isTop(tokens, at - 1)) return [token, symbol(')', token), symbol(',', token)];
  if (isWord(token, 'minus') && (isWord(next, 'select') || next?.text === '(') && isAfterQuery(before)) {
    // The empty word keeps the longer one and what follows apart.
    return [{ ...token, text: 'EXCEPT', value: 'except' }, symbol('', token)];
  }
  // Postgres' grammar has a construct of this name.
  if (isWord(token, 'json_serialize') && next?.text === '(') return mark('json_serialize', token);
  if (isWord(token, 'approximate') && isWord(next, 'count', 'percentile_disc')) return [];
  if (isWord(token, 'sysdate') && before?.text !== '.' && next?.text !== '(' && next?.text !== '.') {
    return [token, symbol('(', token), symbol(')', token)];
  }
  if (isWord(token, 'listagg') && next?.text === '(' && isWord(tokens[at + 2], 'distinct')) {
    return mark(MARKS.distinctList, token);
  }
  if (isWord(token, 'distinct') && before?.text === '(' && isWord(tokens[at - 2], 'listagg')) return [];
  return [token];
};

/** TOP stands behind SELECT, ALL or DISTINCT, before a number (r_SELECT_list). */
const isTop = (tokens: readonly Token[], at: number): boolean =>
  isWord(tokens[at], 'top') &&
  tokens[at + 1]?.kind === 'number' &&
  isWord(tokens[at - 1], 'select', 'all', 'distinct');

const isAfterQuery = (token: Token | undefined): boolean =>
  token !== undefined && token.text !== '(' && token.text !== ',' && !isWord(token, 'select');

const symbol = (text: string, at: Token): Token => ({
  kind: 'symbol',
  text,
  value: text,
  start: at.start + at.text.length,
});

const mark = (name: string, token: Token, ...symbols: readonly string[]): readonly Token[] => [
  { ...token, kind: 'quoted', text: `"${name}"`, value: name },
  ...symbols.map((text) => symbol(text, token)),
];

/** Moves each condition of QUALIFY to the front of the list of its SELECT, as the argument of a call. */
const moveQualify = (tokens: readonly Token[]): readonly Token[] => {
  const at = tokens.findLastIndex(
    (token, i) => isWord(token, 'qualify') && !['.', 'as'].includes(tokens[i - 1]?.value ?? ''),
  );
  const token = tokens[at];
  if (token === undefined) return tokens;
  const end = endOfQualify(tokens, at + 1);
  const list = listOfSelect(tokens, at);
  if (end === at + 1)
    throw new SqlRefused(`syntax error at or near "qualify" (character ${token.start + 1})`);
  const call = [
    ...mark(MARKS.qualify, token, '('),
    ...tokens.slice(at + 1, end),
    symbol(')', token),
    symbol(',', token),
  ];
  return moveQualify([...tokens.slice(0, list), ...call, ...tokens.slice(list, at), ...tokens.slice(end)]);
};

const endOfQualify = (tokens: readonly Token[], start: number): number => {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.text === '(') depth += 1;
    if (token?.text === ')') depth -= 1;
    const isEnd = token?.kind === 'end' || (token?.kind === 'word' && AFTER_QUALIFY.has(token.value));
    if (depth < 0 || (depth === 0 && isEnd)) return at;
  }
  return tokens.length - 1;
};

/** Where the list begins of the SELECT that a QUALIFY belongs to: the last one before it at its own depth. */
const listOfSelect = (tokens: readonly Token[], qualify: number): number => {
  let depth = 0;
  for (let at = qualify - 1; at >= 0; at -= 1) {
    const token = tokens[at];
    if (token?.text === ')') depth += 1;
    if (token?.text === '(') depth -= 1;
    if (depth < 0) break;
    if (depth === 0 && isWord(token, 'select')) return at + 1;
  }
  throw new SqlRefused('syntax error at or near "qualify": there is no SELECT before it');
};
