import type { ResultColumn, ResultTable } from './result-table.ts';

/** Kinds of Postgres' messages (postgresql.org/docs/current/protocol-message-formats.html). */
const QUERY = 0x51;
const ROW_DESCRIPTION = 0x54;
const DATA_ROW = 0x44;
/** Before each message: its kind, one byte, and its length, four, which counts itself. */
const HEADER_BYTES = 5;
/** Behind the name of a column: its table, its number in it, its type, and three more, of which the type is wanted. */
const COLUMN_BYTES = 18;
const TYPE_OFFSET = 6;

/** A Query message of the simple protocol. */
export const toQueryMessage = (text: string): Uint8Array => {
  const body = Buffer.from(`${text}\0`);
  const message = Buffer.alloc(HEADER_BYTES + body.length);
  message.writeUInt8(QUERY);
  message.writeInt32BE(HEADER_BYTES - 1 + body.length, 1);
  body.copy(message, HEADER_BYTES);
  return message;
};

/**
 * Reads an answer, each value as Postgres wrote it. PGlite's own reader decodes each value by a TextDecoder, which takes a
 * leading U+FEFF for a byte order mark and drops it.
 */
export const readAnswer = (answer: Uint8Array): ResultTable => {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.length);
  let columns: readonly ResultColumn[] = [];
  const rows: (readonly (string | null)[])[] = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    if (bytes[at] === ROW_DESCRIPTION) columns = readColumns(bytes, at + HEADER_BYTES);
    else if (bytes[at] === DATA_ROW) rows.push(readRow(bytes, at + HEADER_BYTES));
  }
  return { columns, rows };
};

const readColumns = (bytes: Buffer, start: number): readonly ResultColumn[] => {
  let at = start + 2;
  return Array.from({ length: bytes.readInt16BE(start) }, () => {
    const end = bytes.indexOf(0, at);
    const column = {
      name: bytes.toString('utf8', at, end),
      typeOid: bytes.readInt32BE(end + 1 + TYPE_OFFSET),
    };
    at = end + 1 + COLUMN_BYTES;
    return column;
  });
};

const readRow = (bytes: Buffer, start: number): readonly (string | null)[] => {
  let at = start + 2;
  return Array.from({ length: bytes.readInt16BE(start) }, () => {
    const length = bytes.readInt32BE(at);
    const from = at + 4;
    at = from + Math.max(0, length);
    // A length of -1 is NULL.
    return length < 0 ? null : bytes.toString('utf8', from, at);
  });
};
