import { type Failure, fail, quoted, type Typed } from './failure.ts';

/**
 * Redshift's longest text, and the longest string within SUPER without an opt-in
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_enable_large_strings_opt_in.html).
 */
export const LONGEST_TEXT_BYTES = 65_535;

/**
 * Longest SUPER value: "16 MB", which the same page counts as 16,000,000 bytes for a string
 * (https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html). Its 1,000 levels are more than a document has.
 */
export const LONGEST_SUPER_BYTES = 16_000_000;

const isWithin = (text: string, bytes: number): boolean =>
  text.length * 3 <= bytes || (text.length <= bytes && Buffer.byteLength(text) <= bytes);

/** The longest start of a text that has at most so many UTF-8 bytes and splits no character. */
export const cut = (text: string, bytes: number): string => {
  if (isWithin(text, bytes)) return text;
  const encoded = Buffer.from(text.length > bytes ? text.slice(0, bytes) : text);
  if (encoded.length <= bytes) return encoded.toString();
  let end = bytes;
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return encoded.toString('utf8', 0, end);
};

/** Types a varchar: its length is in UTF-8 bytes. */
export const toVarchar = (text: string, length: number): Typed => {
  if (isWithin(text, length)) return text;
  return fail(`${quoted(text)} is ${Buffer.byteLength(text)} bytes long, allowed ${length}`);
};

const NOT_ASCII = /[\u0080-\u{10FFFF}]/u;

/** Whether a text has characters of more than one byte. */
export const hasWide = (text: string): boolean => NOT_ASCII.test(text);

/** Types a char: Redshift's char takes single-byte characters only. */
export const toChar = (text: string, length: number): Typed =>
  hasWide(text)
    ? fail(`${quoted(text)} has characters that char(${length}) cannot hold; use varchar`)
    : toVarchar(text, length);

/** Types a SUPER from JSON that is compact already: only its size is left to check. */
export const toSuper = (json: string): Typed =>
  isWithin(json, LONGEST_SUPER_BYTES)
    ? json
    : fail(
        `${quoted(json)} is ${Buffer.byteLength(json)} bytes long, allowed ${LONGEST_SUPER_BYTES} in super`,
      );

/** Why a text cannot be a string of a SUPER value, alone or in an array; undefined when it can. */
export const findExcessLength = (text: string): Failure | undefined =>
  isWithin(text, LONGEST_TEXT_BYTES)
    ? undefined
    : fail(
        `${quoted(text)} is ${Buffer.byteLength(text)} bytes long, allowed ${LONGEST_TEXT_BYTES} for a string in super`,
      );

/** A string of a SUPER value, as JSON. */
export const toJsonString = (text: string): Typed => findExcessLength(text) ?? JSON.stringify(text);
