import type { RowBytes } from '../../csv/row-bytes.ts';
import { BETWEEN, recordHashOf } from '../../model/record-hash.ts';
import { QUOTE } from '../plain/bytes.ts';

/** The text that a record's hash is of, as `rowText` and `recordHash` make it, gathered of its rows as they are written. */
export interface HashText {
  bytes: Buffer;
  at: number;
  /** Where the row begins that is being written. */
  rowStart: number;
}

const AFTER_VALUE = BETWEEN.values.charCodeAt(0);
const NULL = BETWEEN.null.charCodeAt(0);
const AFTER_ROW = BETWEEN.rows.charCodeAt(0);
const FIRST_BYTES = 4096;
/** Digits of a table's index, and what stands between values, at most. */
const ROOM = 16;

export const newHashText = (): HashText => ({
  bytes: Buffer.allocUnsafeSlow(FIRST_BYTES),
  at: 0,
  rowStart: 0,
});

const makeRoom = (h: HashText, size: number): void => {
  if (h.at + size + ROOM <= h.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(2 * (h.at + size + ROOM));
  h.bytes.copy(larger, 0, 0, h.at);
  h.bytes = larger;
};

/** Begins the text of another record, which is of that family. */
export const beginRecordText = (h: HashText, family: Buffer): void => {
  h.at = 0;
  makeRoom(h, family.length);
  h.at = family.copy(h.bytes);
  h.bytes[h.at++] = AFTER_ROW;
};

export const beginRowText = (h: HashText, table: number): void => {
  h.rowStart = h.at;
  makeRoom(h, 0);
  h.at += h.bytes.write(String(table), h.at, 'latin1');
};

/** Takes the row back, which is rejected or outside of bounds. */
export const dropRowText = (h: HashText): void => {
  h.at = h.rowStart;
};

export const endRowText = (h: HashText): void => {
  makeRoom(h, 0);
  h.bytes[h.at++] = AFTER_ROW;
};

export const addNull = (h: HashText): void => {
  makeRoom(h, 0);
  h.bytes[h.at++] = AFTER_VALUE;
  h.bytes[h.at++] = NULL;
};

/** Adds the value of the field that was written last, which begins there: what CSV put around it, and doubled in it, is no part of it. */
export const addWritten = (h: HashText, { bytes: from, at: behind }: RowBytes, start: number): void => {
  // A comma ends it.
  const end = behind - 1;
  makeRoom(h, end - start);
  const { bytes } = h;
  let { at } = h;
  bytes[at++] = AFTER_VALUE;
  if (from[start] === QUOTE) {
    for (let index = start + 1; index < end - 1; index += 1) {
      const code = from[index] as number;
      bytes[at++] = code;
      if (code === QUOTE) index += 1;
    }
  } else for (let index = start; index < end; index += 1) bytes[at++] = from[index] as number;
  h.at = at;
};

export const hashOfText = ({ bytes, at }: HashText): string => recordHashOf(bytes.subarray(0, at));
