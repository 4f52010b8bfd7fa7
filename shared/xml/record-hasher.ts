import { hash } from 'node:crypto';
import { BETWEEN } from '../model/record-hash.ts';
import { type Field, MOST_WRITTEN, writeSpan } from '../values/spans.ts';
import type { Matcher } from './matcher-shape.ts';
import type { Row } from './record.ts';

/** Writes into each root's row the hash of all rows of its record: 132 bits of SHA-256, so one in 10^40 of two versions has the other's. */
export interface RecordHasher {
  /** Spans are those of `bytes`. */
  set(rows: readonly Row[], bytes: Uint8Array): void;
}

const HASH_CHARACTERS = 22;
const FIRST_BYTES = 16 * 1024;
/** Bytes of UTF-8 of one UTF-16 unit at most. */
const MOST_OF_UNIT = 3;
const SHORT = 40;

/** What is hashed, in a buffer that is used again for each record. */
interface Hashed {
  bytes: Buffer;
  at: number;
}

export const newRecordHasher = ({ tables }: Matcher): RecordHasher => {
  const hashed: Hashed = { bytes: Buffer.allocUnsafeSlow(FIRST_BYTES), at: 0 };
  return {
    set: (rows, bytes) => {
      for (const [root, of] of byRoot(rows)) {
        const place = tables[root.table]?.hash;
        if (place === undefined || root.values === undefined) continue;
        hashed.at = 0;
        addText(hashed, place.family + BETWEEN.rows);
        for (const row of of) addRow(hashed, row, tables[row.table]?.hash?.ignored ?? NONE, bytes);
        const all = hashed.bytes.subarray(0, hashed.at);
        root.values[place.column] = hash('sha256', all, 'base64url').slice(0, HASH_CHARACTERS);
      }
    },
  };
};

const NONE: readonly number[] = [];

const byRoot = (rows: readonly Row[]): ReadonlyMap<Row, readonly Row[]> => {
  const roots = new Map<Row, Row[]>();
  for (const row of rows) {
    if (row.values === undefined) continue;
    let root = row;
    while (root.parent !== undefined) root = root.parent;
    const known = roots.get(root);
    if (known === undefined) roots.set(root, [row]);
    else known.push(row);
  }
  return roots;
};

/** One row: which table's, and its values without those that the hash leaves out. */
const addRow = (
  hashed: Hashed,
  { table, values = [] }: Row,
  ignored: readonly number[],
  bytes: Uint8Array,
): void => {
  addText(hashed, `${table}${BETWEEN.values}`);
  let isFirst = true;
  for (let index = 0; index < values.length; index += 1) {
    if (ignored.length > 0 && ignored.includes(index)) continue;
    if (!isFirst) addText(hashed, BETWEEN.values);
    isFirst = false;
    addField(hashed, values[index] ?? null, bytes);
  }
  addText(hashed, BETWEEN.rows);
};

const addField = (hashed: Hashed, value: Field, bytes: Uint8Array): void => {
  if (typeof value === 'string') addText(hashed, value);
  else if (value === null) addText(hashed, BETWEEN.null);
  else {
    reserve(hashed, MOST_WRITTEN);
    hashed.at = writeSpan(hashed.bytes, hashed.at, bytes, value);
  }
};

const addText = (hashed: Hashed, text: string): void => {
  reserve(hashed, MOST_OF_UNIT * text.length);
  const { bytes, at } = hashed;
  const { length } = text;
  if (length <= SHORT) {
    let index = 0;
    for (; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) break;
      bytes[at + index] = code;
    }
    if (index === length) {
      hashed.at = at + length;
      return;
    }
  }
  hashed.at += bytes.write(text, at);
};

/** Makes room for so many bytes. */
const reserve = (hashed: Hashed, size: number): void => {
  const { bytes, at } = hashed;
  if (at + size <= bytes.length) return;
  hashed.bytes = Buffer.allocUnsafeSlow(2 * (at + size));
  bytes.copy(hashed.bytes, 0, 0, at);
};
