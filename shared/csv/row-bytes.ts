import { toField } from './stringify.ts';

/** Rows of CSV as bytes: what needs no quotes is written as it is, and csv-stringify quotes the rest. */
export interface RowBytes {
  /** One row; null is the file's NULL. */
  write(values: readonly (string | null)[]): void;
  /** Bytes written since the last were taken. */
  length(): number;
  take(): Buffer;
}

const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/** Texts of so many characters are written one by one: a call costs as much as forty of them. */
const SHORT = 40;
/** Bytes of UTF-8 of one UTF-16 unit at most. */
const MOST_OF_UNIT = 3;

/** Of ASCII, what may stand in a field without quotes. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) =>
  [...'",\r\n'].some((one) => one.charCodeAt(0) === code) ? 0 : 1,
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
    reserve(state, SHORT);
    if (index > 0) state.bytes[state.at++] = COMMA;
    const value = values[index];
    if (typeof value === 'string') writeText(state, value, length);
    else writeNull(state, value);
  }
  reserve(state, 1);
  state.bytes[state.at++] = LINE_FEED;
};

/** Makes room for so many bytes and a comma. */
const reserve = (state: State, size: number): void => {
  const { bytes, at } = state;
  if (at + size < bytes.length) return;
  state.bytes = Buffer.allocUnsafeSlow(2 * (at + size));
  bytes.copy(state.bytes, 0, 0, at);
};

const writeNull = (state: State, value: null | undefined): void => {
  if (value !== null) throw new TypeError(`csv takes text and null, got ${typeof value}`);
  reserve(state, state.nullBytes.length);
  state.bytes.set(state.nullBytes, state.at);
  state.at += state.nullBytes.length;
};

const writeText = (state: State, text: string, columns: number): void => {
  const { length } = text;
  if (length > SHORT || length === 0 || text === state.nullText || !writePlain(state, text))
    writeField(state, toField(text, state.nullText, columns));
};

/** Writes a text that is ASCII and needs no quotes; gives whether it is. */
const writePlain = (state: State, text: string): boolean => {
  const { bytes, at } = state;
  const { length } = text;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (PLAIN[code] !== 1) return false;
    bytes[at + index] = code;
  }
  state.at = at + length;
  return true;
};

const writeField = (state: State, field: string): void => {
  reserve(state, MOST_OF_UNIT * field.length);
  state.at += state.bytes.write(field, state.at);
};
