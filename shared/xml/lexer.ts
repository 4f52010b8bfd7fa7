import { XmlMalformed } from '../errors.ts';
import { PREDEFINED } from './entities.ts';
import { type Kind, type Lexer, stopAt, stopOver, toText } from './lexer-state.ts';
import { APOSTROPHE, BANG, EQUAL, GREATER, QUOTE, SLASH, SPACE } from './plain/bytes.ts';

/**
 * Follows what is written to saxes, a little ahead of it, only as far as it takes to know what it ends in: saxes says so to nobody. Up
 * to the first error of saxes both agree. Two rules are kept here besides, which saxes does not have: what follows an & is a reference, and
 * the target of an instruction has no colon and stands apart (Namespaces in XML 1.0, 7; XML 1.0, 2.6).
 */

/** Reads the piece on from there, and gives how far: to its end, or to where saxes has to come up. */
export const readOn = (l: Lexer, from: number): number => {
  let at = from;
  l.stops = false;
  while (at < l.piece.length && !l.stops) at = STEPS[l.kind](l, at);
  return at;
};

const indexIn = (piece: string, what: string, at: number): number => {
  const found = piece.indexOf(what, at);
  return found < 0 ? piece.length : found;
};

/** A piece is looked through for it once, however many texts and values it has. */
const nextAmpersand = (l: Lexer, at: number): number => {
  if (l.ampersand < at) l.ampersand = indexIn(l.piece, '&', at);
  return l.ampersand;
};

/** What may stand behind the root, besides markup, is white space. */
const NO_SPACE = /[^ \t\r\n<]/g;

/** saxes comes up with the first character that may not stand there: it would tell of the last one, which is another where a piece ends. */
const inTextBehindRoot = (l: Lexer, at: number, less: number): number => {
  NO_SPACE.lastIndex = at;
  const odd = NO_SPACE.exec(l.piece)?.index ?? l.piece.length;
  const end = Math.min(odd + 1, less);
  l.textLength += end - at;
  return odd < less ? stopAt(l, end, undefined) : end;
};

const inText = (l: Lexer, at: number): number => {
  const less = indexIn(l.piece, '<', at);
  if (l.isBehindRoot && less > at) return inTextBehindRoot(l, at, less);
  const ampersand = nextAmpersand(l, at);
  const end = Math.min(less, ampersand);
  l.textLength += end - at;
  if (end === l.piece.length) return end;
  if (ampersand < less) return beginReference(l, end);
  l.kind = 'opening';
  l.word = '';
  return end + 1;
};

const inValue = (l: Lexer, at: number): number => {
  const close = indexIn(l.piece, l.quote, at);
  const ampersand = nextAmpersand(l, at);
  if (ampersand < close) return beginReference(l, ampersand);
  if (close === l.piece.length) return close;
  l.kind = 'tag';
  l.quote = '';
  l.isSlash = false;
  l.nameLength = 0;
  return close + 1;
};

const beginReference = (l: Lexer, at: number): number => {
  l.kind = 'reference';
  l.word = '';
  l.isMarked = false;
  if (l.quote === '') l.textLength += 1;
  return at + 1;
};

/** No reference has any of these but the last, which ends it; nor has it what XML forbids, whose error would come first where a piece ends with it. */
const ENDS_REFERENCE = /[\s<>&"';]/;
const isEnd = (character: string): boolean =>
  character < ' ' || character >= '\ufffe' || ENDS_REFERENCE.test(character);

const inReference = (l: Lexer, at: number): number => {
  const { piece, limits } = l;
  const most = at + limits.entityLength - l.word.length;
  let end = at;
  while (end < piece.length && end <= most && !isEnd(piece.charAt(end))) end += 1;
  const isWhole = end <= most && piece[end] === ';';
  if (!isWhole && !l.isMarked) return stopAt(l, at, undefined);
  if (end > most) return stopOver(l, end, 'what follows an &', 'entityLength');
  l.word += piece.slice(at, end);
  if (end < piece.length && !isWhole)
    return stopAt(l, at, { kind: XmlMalformed, what: 'a bare &', isReference: true });
  const behindIt = isWhole ? end + 1 : end;
  if (l.quote === '') l.textLength += behindIt - at;
  if (!isWhole) return end;
  l.kind = l.quote === '' ? 'text' : 'value';
  // Whoever resolves an entity of the document's own has to know what it stands in.
  if (!l.word.startsWith('#') && !PREDEFINED.has(l.word)) l.stops = true;
  return behindIt;
};

const QUESTION = 0x3f;

const OPENINGS: readonly (readonly [string, Kind])[] = [
  ['?', 'target'],
  ['!--', 'comment'],
  ['![CDATA[', 'section'],
  ['!DOCTYPE', 'doctype'],
];

const inOpening = (l: Lexer, at: number): number => {
  const code = l.piece.charCodeAt(at);
  if (l.word === '' && code !== BANG && code !== QUESTION) {
    l.kind = 'tag';
    l.isClosing = code === SLASH;
    l.isSlash = false;
    l.nameLength = code === SLASH ? 0 : 1;
    return at + 1;
  }
  l.word += l.piece.charAt(at);
  const opening = OPENINGS.find(([start]) => start.startsWith(l.word));
  if (opening === undefined) l.kind = 'lost';
  else if (opening[0] === l.word) {
    l.kind = opening[1];
    l.word = '';
    l.last = '';
    if (l.kind === 'doctype') l.stops = true;
  }
  return at + 1;
};

const inTag = (l: Lexer, from: number): number => {
  const { piece, limits } = l;
  for (let at = from; at < piece.length; at += 1) {
    if (l.nameLength > limits.nameLength) return stopOver(l, at, 'a name', 'nameLength');
    const code = piece.charCodeAt(at);
    if (code > GREATER) l.nameLength += 1;
    else if (code === GREATER) {
      endTag(l, at > from ? piece.charCodeAt(at - 1) === SLASH : l.isSlash);
      return at + 1;
    } else if (code === QUOTE || code === APOSTROPHE) {
      l.kind = 'value';
      l.quote = piece.charAt(at);
      return at + 1;
    } else if (code <= SPACE || code === EQUAL || code === SLASH) l.nameLength = 0;
    else l.nameLength += 1;
  }
  l.isSlash = piece.charCodeAt(piece.length - 1) === SLASH;
  return piece.length;
};

const endTag = (l: Lexer, isEmpty: boolean): void => {
  if (l.isClosing) l.depth -= 1;
  else if (!isEmpty) l.depth += 1;
  l.isBehindRoot = l.depth === 0;
  toText(l);
};

const ENDS_TARGET = /[\s?]/g;

const inTarget = (l: Lexer, at: number): number => {
  ENDS_TARGET.lastIndex = at;
  const end = ENDS_TARGET.exec(l.piece)?.index ?? l.piece.length;
  const over = at + l.limits.nameLength + 1 - l.word.length;
  if (end >= over) return stopOver(l, over, 'a name', 'nameLength');
  l.word += l.piece.slice(at, end);
  if (end < l.piece.length) {
    l.kind = 'instruction';
    l.isAlone = l.piece[end] === '?';
    l.restLength = 0;
  }
  return end;
};

/** Behind what ends with it; undefined where the piece does not have it. */
const behind = (l: Lexer, at: number, end: string): number | undefined => {
  const { piece, last } = l;
  const seam = last + piece.slice(at, at + end.length - 1);
  const across = seam.indexOf(end);
  if (across >= 0) return at + across + end.length - last.length;
  const found = piece.indexOf(end, at);
  if (found >= 0) return found + end.length;
  const kept = end.length - 1;
  l.last = piece.length - at < kept ? seam.slice(-kept) : piece.slice(-kept);
  return undefined;
};

const upTo =
  (end: string) =>
  (l: Lexer, at: number): number => {
    const found = behind(l, at, end);
    if (found === undefined) return l.piece.length;
    toText(l);
    return found;
  };

const TARGET_END = '?>';

const inInstruction = (l: Lexer, at: number): number => {
  const end = behind(l, at, TARGET_END);
  l.restLength += (end ?? l.piece.length) - at;
  if (end === undefined) return l.piece.length;
  toText(l);
  const wrong =
    l.isAlone && l.restLength > TARGET_END.length
      ? 'no white space after'
      : l.word.includes(':')
        ? 'a colon in'
        : undefined;
  if (wrong === undefined) return end;
  const what = `${wrong} the target ${l.word} of a processing instruction`;
  return stopAt(l, end, { kind: XmlMalformed, what, isReference: false });
};

/** Any `>` may be the last. */
const inDoctype = (l: Lexer, at: number): number =>
  stopAt(l, Math.min(indexIn(l.piece, '>', at) + 1, l.piece.length), undefined);

const STEPS: Readonly<Record<Kind, (l: Lexer, at: number) => number>> = {
  text: inText,
  reference: inReference,
  opening: inOpening,
  tag: inTag,
  value: inValue,
  target: inTarget,
  instruction: inInstruction,
  comment: upTo('-->'),
  section: upTo(']]>'),
  doctype: inDoctype,
  lost: (l) => l.piece.length,
};
