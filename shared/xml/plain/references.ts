import { AMPERSAND, APOSTROPHE, GREATER, LESS } from './bytes.ts';

/** References that need no declaration: predefined entities, and characters by their numbers. */

/** Longest of them that is read here: `&#x10FFFF;`, and one more. */
const LONGEST = 11;
const SEMICOLON = 0x3b;
const HASH = 0x23;
const REFERENCE = /&(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[\dA-Fa-f]{1,6});/y;
const REFERENCES = new RegExp(REFERENCE.source, 'g');

const LETTER_A = 0x61;
const LETTER_G = 0x67;
const LETTER_L = 0x6c;
const LETTER_M = 0x6d;

/** Where the reference ends that starts there; 0 where it is another one or none, -1 where more bytes are needed. */
export const referenceEnd = (bytes: Uint8Array, at: number, end: number): number => {
  if (at + LONGEST > end) return -1;
  const letter = bytes[at + 1];
  if (letter === HASH) return numberEnd(bytes, at);
  const next = bytes[at + 2];
  const third = bytes[at + 3];
  if (next === 0x74 && (letter === 0x6c || letter === 0x67)) return third === SEMICOLON ? at + 4 : 0;
  const isLast = bytes[at + 4] === SEMICOLON;
  if (letter === 0x61 && next === 0x6d) return third === 0x70 && isLast ? at + 5 : 0;
  if (bytes[at + 5] !== SEMICOLON || third !== 0x6f) return 0;
  const last = bytes[at + 4];
  const isWhole =
    letter === 0x61 ? next === 0x70 && last === 0x73 : letter === 0x71 && next === 0x75 && last === 0x74;
  return isWhole ? at + 6 : 0;
};

const numberEnd = (bytes: Uint8Array, at: number): number => {
  REFERENCE.lastIndex = 0;
  const found = REFERENCE.exec(String.fromCharCode(...bytes.subarray(at, at + LONGEST)))?.[0];
  return found !== undefined && isCharacter(codeOf(found)) ? at + found.length : 0;
};

const codeOf = (reference: string): number =>
  reference.startsWith('&#x')
    ? Number.parseInt(reference.slice(3, -1), 16)
    : Number.parseInt(reference.slice(2, -1), 10);

/** What XML 1.0 has characters for, and what may be written by its number. */
const isCharacter = (code: number): boolean =>
  code === 0x09 ||
  code === 0x0a ||
  code === 0x0d ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

/** References that are joined one by one: each leaves strings of its own, which are many more bytes than it. */
const FEW = 4;

/** A text with its references resolved, all of which `referenceEnd` has let pass. */
export const resolveReferences = (text: string): string => {
  let resolved = '';
  let from = 0;
  for (let count = 0; count < FEW; count += 1) {
    const at = text.indexOf('&', from);
    if (at < 0) return resolved + text.slice(from);
    const end = text.indexOf(';', at) + 1;
    resolved += text.slice(from, at) + (predefined(text, at) ?? byNumber(text.slice(at, end)));
    from = end;
  }
  return (
    resolved +
    text.slice(from).replace(REFERENCES, (reference) => predefined(reference, 0) ?? byNumber(reference))
  );
};

/** The character of an entity that needs no declaration; its letters are compared, since a lookup by name takes longer than all the rest. */
const predefined = (text: string, at: number): string | undefined => {
  switch (text.charCodeAt(at + 1)) {
    case 0x6c:
      return '<';
    case 0x67:
      return '>';
    case 0x71:
      return '"';
    case 0x61:
      return text.charCodeAt(at + 2) === 0x6d ? '&' : "'";
    default:
      return undefined;
  }
};

const byNumber = (reference: string): string => String.fromCodePoint(codeOf(reference));

/**
 * Writes a text with its references resolved, all of which `referenceEnd` has let pass, and gives where it ends. Gives -1 where one stands
 * for what may need quotes, or more than a byte.
 */
export const resolveBytes = (
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): number => {
  let behind = at;
  for (let index = start; index < end; index += 1) {
    let code = from[index] as number;
    if (code === AMPERSAND) {
      const letter = from[index + 1];
      if (letter === LETTER_L) code = LESS;
      else if (letter === LETTER_G) code = GREATER;
      else if (letter !== LETTER_A) return -1;
      else if (from[index + 2] !== LETTER_M) code = APOSTROPHE;
      // Behind its semicolon.
      index += code === AMPERSAND ? 4 : code === APOSTROPHE ? 5 : 3;
    }
    to[behind++] = code;
  }
  return behind;
};
