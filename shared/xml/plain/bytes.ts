/** What a byte of UTF-8 may be in text, in an attribute's value and in a name. */

export const COMMA = 0x2c;
export const LINE_FEED = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const BANG = 0x21;
export const TAB = 0x09;
export const QUOTE = 0x22;
export const AMPERSAND = 0x26;
export const APOSTROPHE = 0x27;
export const SLASH = 0x2f;
export const LESS = 0x3c;
export const EQUAL = 0x3d;
export const GREATER = 0x3e;
export const BRACKET = 0x5d;
export const OPEN_BRACKET = 0x5b;

/** What stands around the text of a CDATA section. */
export const SECTION_START: Buffer = Buffer.from('<![CDATA[');
export const SECTION_END = ']]>';

/** Marks: what a text has in it besides characters that stand for themselves, and what has to be looked at. */
export const IS_BEYOND_ASCII = 1;
export const IS_RETURN = 2;
export const IS_AMPERSAND = 4;
export const IS_LINE_FEED = 8;
/** The text ends, or may not have it; a bracket or the first byte of what may be no character needs a look at the next ones. */
export const ENDS = 16;
export const IS_BRACKET = 32;
export const MAY_BE_NONE = 64;
export const IS_HARD = 128;
/** Of a text whose characters are not those of its bytes. */
export const IS_WRITTEN_OTHERWISE: number = IS_RETURN | IS_AMPERSAND;
/** What CSV puts into quotes, besides line ends. */
export const IS_QUOTED = 256;

/** U+FFFE and U+FFFF, which XML forbids, start with it: 0xef 0xbf 0xbe and 0xef 0xbf 0xbf. */
const FIRST_OF_NONE = 0xef;

const markOf = (code: number): number => {
  if (code === LESS) return ENDS;
  if (code === LINE_FEED) return IS_LINE_FEED;
  if (code === RETURN) return IS_RETURN;
  if (code === AMPERSAND) return IS_AMPERSAND;
  if (code === BRACKET) return IS_BRACKET;
  if (code === COMMA || code === QUOTE) return IS_QUOTED;
  if (code < SPACE && code !== TAB) return IS_HARD;
  return code === FIRST_OF_NONE ? IS_BEYOND_ASCII | MAY_BE_NONE : code >= 0x80 ? IS_BEYOND_ASCII : 0;
};

/** Marks of bytes in text. */
export const IN_TEXT = Uint16Array.from({ length: 256 }, (_, code) => markOf(code));

/** White space other than the space itself is normalized in values, which is left to saxes; a bracket is one like others. */
export const IN_VALUE = Uint16Array.from({ length: 256 }, (_, code) => {
  if (code === QUOTE || code === APOSTROPHE) return ENDS;
  if (code === BRACKET) return 0;
  return code === LESS || code < SPACE ? IS_HARD : markOf(code);
});

const toClass = (allowed: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, code) =>
    code < 128 && allowed.test(String.fromCharCode(code)) ? 1 : 0,
  );

/** Names of ASCII alone: the others are for saxes. */
export const IN_NAME = toClass(/[\w:.-]/);
export const BEGINS_NAME = toClass(/[A-Za-z_:]/);

/** Whether U+FFFE or U+FFFF stands there. */
export const isNoCharacter = (bytes: Uint8Array, at: number): boolean =>
  at + 2 < bytes.length && bytes[at + 1] === 0xbf && (bytes[at + 2] ?? 0) >= 0xbe;

/** Whether `]]>` stands there. */
export const isSectionEnd = (bytes: Uint8Array, at: number): boolean =>
  at + 2 < bytes.length && bytes[at + 1] === BRACKET && bytes[at + 2] === GREATER;

/** Whether the bytes stand there. */
export const stands = (bytes: Uint8Array, at: number, name: Uint8Array): boolean => {
  const { length } = name;
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== name[index]) return false;
  return true;
};
