import {
  APOSTROPHE,
  BEGINS_NAME,
  BRACKET,
  GREATER,
  LESS,
  LINE_FEED,
  QUOTE,
  RETURN,
  SPACE,
  TAB,
} from './bytes.ts';

/** Where what saxes is to read may end: it is given whole tags, sections and comments, as far as that can be seen. */

const SECTIONS = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

const stands = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString('latin1', at, at + text.length) === text;

const isSection = (bytes: Buffer, less: number): boolean =>
  SECTIONS.some(([start]) => stands(bytes, less, start));

/** Behind the section, comment or tag that starts there; undefined where the bytes end before that. */
const endOf = (bytes: Buffer, less: number): number | undefined => {
  for (const [start, end] of SECTIONS) {
    if (!stands(bytes, less, start)) continue;
    const at = bytes.indexOf(end, less + start.length);
    return at < 0 ? undefined : at + end.length;
  }
  return tagEnd(bytes, less);
};

/** Behind the `>` that stands in no value. */
const tagEnd = (bytes: Buffer, less: number): number | undefined => {
  let quote: number | undefined;
  for (let at = less + 1; at < bytes.length; at += 1) {
    const code = bytes[at];
    if (quote !== undefined) {
      if (code === quote) quote = undefined;
    } else if (code === GREATER) return at + 1;
    else if (code === QUOTE || code === APOSTROPHE) quote = code;
  }
  return undefined;
};

/** Behind the tag, section or comment that starts next, text before it included; undefined where the bytes end before that. */
export const unitEnd = (bytes: Buffer, from: number): number | undefined => {
  const less = bytes.indexOf(LESS, from);
  return less < 0 ? undefined : endOf(bytes, less);
};

const DOCTYPE = '<!DOCTYPE';
const OPEN_BRACKET = 0x5b;

/** Behind the `>` that ends a document type, which stands in no literal, comment, instruction or brackets. */
const doctypeEnd = (bytes: Buffer, from: number): number | undefined => {
  let isInside = false;
  for (let at = from; at < bytes.length; at += 1) {
    const code = bytes[at];
    if (code === QUOTE || code === APOSTROPHE) {
      at = bytes.indexOf(code, at + 1);
      if (at < 0) return undefined;
    } else if (code === OPEN_BRACKET || code === BRACKET) isInside = code === OPEN_BRACKET;
    else if (code === LESS && isSection(bytes, at)) {
      const end = endOf(bytes, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (code === GREATER && !isInside) return at + 1;
  }
  return undefined;
};

/** Behind the root's start tag; undefined where it is not whole, or stands behind anything but white space, comments, instructions and a document type. */
export const rootEnd = (bytes: Buffer, from: number): number | undefined => {
  let at: number | undefined = from;
  while (at !== undefined && at < bytes.length) {
    const code: number | undefined = bytes[at];
    if (code === SPACE || code === TAB || code === LINE_FEED || code === RETURN) at += 1;
    else if (code !== LESS) return undefined;
    else if (BEGINS_NAME[bytes[at + 1] ?? 0] === 1) return tagEnd(bytes, at);
    else if (stands(bytes, at, DOCTYPE)) at = doctypeEnd(bytes, at + DOCTYPE.length);
    else at = endOf(bytes, at);
  }
  return undefined;
};
