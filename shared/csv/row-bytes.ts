import { toField } from './stringify.ts';

/** Rows of CSV as bytes: short texts of ASCII are written here, and csv-stringify quotes the rest. */
export interface RowBytes {
  /** One row; null is the file's NULL. */
  write(values: readonly (string | null)[]): void;
  /** Bytes written since the last were taken. */
  length(): number;
  take(): Buffer;
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Longer texts are written by a call, which costs as much as so many characters one by one. */
const LONG = 160;
/** Bytes of UTF-8 of one UTF-16 unit at most. */
const MOST_OF_UNIT = 3;

/** What an ASCII character is in a field; what is beyond ASCII is none of these. */
const IS_PLAIN = 1;
const IS_QUOTED = 2;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) =>
  [...'",\r\n'].some((one) => one.charCodeAt(0) === code) ? IS_QUOTED : IS_PLAIN,
);

interface State {
  readonly nullText: string;
  readonly nullBytes: Uint8Array;
  bytes: Buffer;
  at: number;
}

/** Rows are gathered in a buffer of so many bytes, which grows where one is longer. */
export const newRowBytes = (nullText: string, size: number): RowBytes => {
  const state: State = {
    nullText,
    nullBytes: Buffer.from(nullText),
    bytes: Buffer.allocUnsafeSlow(size),
    at: 0,
  };
  return {
    write: (values) => writeRow(state, values),
    length: () => state.at,
    take: () => {
      const taken = state.bytes.subarray(0, state.at);
      // Whoever reads them keeps them as long as they like.
      state.bytes = Buffer.allocUnsafeSlow(size);
      state.at = 0;
      return taken;
    },
  };
};

const writeRow = (state: State, values: readonly (string | null)[]): void => {
  const { length } = values;
  for (let index = 0; index < length; index += 1) {
    const value = values[index];
    if (typeof value !== 'string') writeNull(state, value);
    else if (!writeAscii(state, value)) writeField(state, toField(value, state.nullText, length));
    // The comma behind the last one becomes the line feed.
    state.bytes[state.at++] = COMMA;
  }
  if (length === 0) reserve(state, 0);
  state.bytes[length === 0 ? state.at++ : state.at - 1] = LINE_FEED;
};

/** Makes room for so many bytes and a comma. */
const reserve = (state: State, size: number): void => {
  const { bytes, at } = state;
  if (at + size < bytes.length) return;
  state.bytes = Buffer.allocUnsafeSlow(2 * (at + size + 1));
  bytes.copy(state.bytes, 0, 0, at);
};

const writeNull = (state: State, value: null | undefined): void => {
  if (value !== null) throw new TypeError(`csv takes text and null, got ${typeof value}`);
  reserve(state, state.nullBytes.length);
  state.bytes.set(state.nullBytes, state.at);
  state.at += state.nullBytes.length;
};

/** Writes a text of ASCII, in quotes where it needs them; gives whether it is one. */
const writeAscii = (state: State, text: string): boolean => {
  const { length } = text;
  if (length > LONG || length === 0 || text === state.nullText) return false;
  reserve(state, length);
  const { bytes, at } = state;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    const kind = KINDS[code];
    if (kind === IS_QUOTED) return writeQuoted(state, text);
    if (kind !== IS_PLAIN) return false;
    bytes[at + index] = code;
  }
  state.at = at + length;
  return true;
};

const writeQuoted = (state: State, text: string): boolean => {
  const { length } = text;
  reserve(state, 2 * length + 2);
  const { bytes } = state;
  let { at } = state;
  bytes[at++] = QUOTE;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= KINDS.length) return false;
    if (code === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  state.at = at;
  return true;
};

const writeField = (state: State, field: string): void => {
  reserve(state, MOST_OF_UNIT * field.length);
  state.at += state.bytes.write(field, state.at);
};
