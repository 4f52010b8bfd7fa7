import { toField } from './stringify.ts';

/**
 * Rows of CSV as bytes, field by field: each field ends with a comma, and the end of the row makes a line feed of the last one. Short texts
 * of ASCII, and texts that are bytes already, are written here; csv-stringify quotes the rest.
 */
export interface RowBytes {
  readonly nullText: string;
  readonly nullBytes: Uint8Array;
  /** Bytes of a buffer that is begun. */
  readonly size: number;
  /** Written up to `at`; the row that is open begins at `start`. */
  bytes: Buffer;
  at: number;
  start: number;
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Longer texts are written by a call, which costs as much as so many characters one by one. */
const LONG = 160;
const LONG_BYTES = 48;
/** Bytes of UTF-8 of one UTF-16 unit at most. */
const MOST_OF_UNIT = 3;

/** What an ASCII character is in a field; what is beyond ASCII is none of these. */
const IS_PLAIN = 1;
const IS_QUOTED = 2;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) =>
  code === QUOTE || code === COMMA || code === LINE_FEED || code === RETURN ? IS_QUOTED : IS_PLAIN,
);

/** Rows are gathered in a buffer of so many bytes, which grows where one is longer. */
export const newRowBytes = (nullText: string, size: number): RowBytes => ({
  nullText,
  nullBytes: Buffer.from(nullText),
  size,
  bytes: Buffer.allocUnsafeSlow(size),
  at: 0,
  start: 0,
});

/** Takes the bytes of all rows; no row may be open. Whoever reads them keeps them as long as they like. */
export const takeBytes = (rows: RowBytes): Buffer => {
  const taken = rows.bytes.subarray(0, rows.at);
  rows.bytes = Buffer.allocUnsafeSlow(rows.size);
  rows.at = 0;
  rows.start = 0;
  return taken;
};

/** Writes one row; null is the file's NULL. */
export const writeRow = (rows: RowBytes, values: readonly (string | null)[]): void => {
  const { length } = values;
  for (let index = 0; index < length; index += 1) writeValue(rows, values[index], length);
  if (length === 0) {
    reserve(rows, 0);
    rows.at += 1;
  }
  endRow(rows);
};

/** Ends the row that is open, which has a field at least. */
export const endRow = (rows: RowBytes): void => {
  rows.bytes[rows.at - 1] = LINE_FEED;
  rows.start = rows.at;
};

/** Takes the row that is open back. */
export const dropRow = (rows: RowBytes): void => {
  rows.at = rows.start;
};

/** Adds the row that is open elsewhere, as far as it is written, and takes it back there. */
export const moveRow = (rows: RowBytes, from: RowBytes): void => {
  reserve(rows, from.at - from.start);
  rows.at += from.bytes.copy(rows.bytes, rows.at, from.start, from.at);
  dropRow(from);
};

/** Writes a value of a row of so many columns. */
export const writeValue = (rows: RowBytes, value: string | null | undefined, columns: number): void => {
  if (typeof value !== 'string') writeNull(rows, value);
  else if (!writeAscii(rows, value)) writeField(rows, toField(value, rows.nullText, columns));
  rows.bytes[rows.at++] = COMMA;
};

/** Makes room for so many bytes and a comma. */
export const reserve = (rows: RowBytes, size: number): void => {
  const { bytes, at } = rows;
  if (at + size < bytes.length) return;
  rows.bytes = Buffer.allocUnsafeSlow(2 * (at + size + 1));
  bytes.copy(rows.bytes, 0, 0, at);
};

/** Ends a field that was written into the bytes up to `at`, where room was reserved for it. */
export const endField = (rows: RowBytes, at: number): void => {
  rows.bytes[at] = COMMA;
  rows.at = at + 1;
};

/**
 * Writes a text that is UTF-8 already, in quotes where something in it needs them; gives whether it did: not where the text is empty, or
 * may be the file's NULL.
 */
export const copyText = (
  rows: RowBytes,
  from: Buffer,
  start: number,
  end: number,
  isQuoted: boolean,
): boolean => {
  const length = end - start;
  if (length === 0 || (from[start] === rows.nullBytes[0] && length === rows.nullBytes.length)) return false;
  if (isQuoted) {
    reserve(rows, 2 * length + 2);
    endField(rows, quoteBytes(rows, from, start, end));
    return true;
  }
  reserve(rows, length);
  const { bytes, at } = rows;
  if (length > LONG_BYTES) from.copy(bytes, at, start, end);
  else for (let index = 0; index < length; index += 1) bytes[at + index] = from[start + index] as number;
  endField(rows, at + length);
  return true;
};

const quoteBytes = (rows: RowBytes, from: Buffer, start: number, end: number): number => {
  const { bytes } = rows;
  let { at } = rows;
  bytes[at++] = QUOTE;
  for (let index = start; index < end; index += 1) {
    const code = from[index] as number;
    if (code === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  return at;
};

const writeNull = (rows: RowBytes, value: null | undefined): void => {
  if (value !== null) throw new TypeError(`csv takes text and null, got ${typeof value}`);
  reserve(rows, rows.nullBytes.length);
  rows.bytes.set(rows.nullBytes, rows.at);
  rows.at += rows.nullBytes.length;
};

/** Writes a text of ASCII, in quotes where it needs them; gives whether it is one. */
const writeAscii = (rows: RowBytes, text: string): boolean => {
  const { length } = text;
  if (length > LONG || length === 0 || text === rows.nullText) return false;
  reserve(rows, length);
  const { bytes, at } = rows;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    const kind = KINDS[code];
    if (kind === IS_QUOTED) return writeQuoted(rows, text);
    if (kind !== IS_PLAIN) return false;
    bytes[at + index] = code;
  }
  rows.at = at + length;
  return true;
};

const writeQuoted = (rows: RowBytes, text: string): boolean => {
  const { length } = text;
  reserve(rows, 2 * length + 2);
  const { bytes } = rows;
  let { at } = rows;
  bytes[at++] = QUOTE;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= KINDS.length) return false;
    if (code === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  rows.at = at;
  return true;
};

const writeField = (rows: RowBytes, field: string): void => {
  reserve(rows, MOST_OF_UNIT * field.length);
  rows.at += rows.bytes.write(field, rows.at);
};
