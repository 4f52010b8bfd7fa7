import { isUtf8 } from 'node:buffer';
import { notKnownHere } from '../sql/refusal.ts';
import { type FieldCheck, isCharacter, type TargetColumn, toFieldCheck } from './field-check.ts';
import { type FieldError, FieldRefused } from './load-error.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

export interface Records {
  /** The bytes of whole records, as Postgres' COPY is to read them. */
  readonly parts: readonly Buffer[];
  /** How many bytes of the input they took; the rest begins a record that is not complete. */
  readonly taken: number;
  readonly count: number;
}

export interface RecordReader {
  /** Reads and checks the whole records of a piece; with `isLast` the end of the piece ends a record. Throws FieldRefused. */
  read(piece: Buffer, isLast: boolean): Records;
}

/**
 * Reads CSV by COPY's rules (copy-parameters-data-format): fields in `"` with `""` for one, records ended by LF. An empty
 * field of a column that holds no characters is replaced by the null string, which is how Redshift reads it.
 */
export const createRecordReader = (columns: readonly TargetColumn[], nullAs: string): RecordReader => {
  const nullBytes = Buffer.from(nullAs);
  const fields = columns.map((column) => ({
    column,
    check: isCharacter(column) ? undefined : toFieldCheck(column),
  }));
  let line = 1;
  return {
    read: (piece, isLast) => {
      const parts: Buffer[] = [];
      const isText = holdsText(isLast ? piece : piece.subarray(0, piece.lastIndexOf(LF) + 1));
      let [kept, taken, count] = [0, 0, 0];
      while (taken < piece.length) {
        const record = readRecord(piece, taken, isLast, { fields, nullBytes, line, isText });
        if (record === undefined) break;
        for (const empty of record.empties) {
          parts.push(piece.subarray(kept, empty.start), nullBytes);
          kept = empty.end;
        }
        line += record.lines;
        count += 1;
        taken = record.end;
      }
      parts.push(piece.subarray(kept, taken));
      return { parts: parts.filter((part) => part.length > 0), taken, count };
    },
  };
};

interface RecordShape {
  readonly fields: readonly { readonly column: TargetColumn; readonly check: FieldCheck | undefined }[];
  readonly nullBytes: Buffer;
  /** On which the record begins. */
  readonly line: number;
  /** All of the piece's records are known to be UTF-8 without NUL. */
  readonly isText: boolean;
}

interface OneRecord {
  /** Index of the byte after its LF. */
  readonly end: number;
  readonly lines: number;
  /** Fields that are to be the null string. */
  readonly empties: readonly Field[];
}

/** Reads the record that begins at `start`; undefined when the piece ends in it. Throws FieldRefused. */
const readRecord = (
  piece: Buffer,
  start: number,
  isLast: boolean,
  shape: RecordShape,
): OneRecord | undefined => {
  const { fields, line } = shape;
  const empties: Field[] = [];
  let [at, n, lines] = [start, 0, 1];
  for (;;) {
    const target = fields[n];
    const fail = (error: FieldError): never =>
      refuse((target ?? fields.at(-1))?.column, at - start, line, error);
    const field = findField(piece, at);
    if (field.end === -1 && isLast) fail(UNCLOSED_QUOTE);
    if (field.end === -1 || (field.end === piece.length && !isLast)) return undefined;
    if (target === undefined) return fail(EXTRA_COLUMN);
    const outcome = checkField(piece, field, target.column, target.check, shape);
    if (outcome === 'empty') empties.push(field);
    else if (outcome !== undefined) fail(outcome);
    lines += field.lines;
    at = field.end + 1;
    n += 1;
    if (piece[field.end] === COMMA) continue;
    if (n < fields.length) fail(MISSING_COLUMN);
    return { end: Math.min(at, piece.length), lines, empties };
  }
};

const UNCLOSED_QUOTE: FieldError = {
  code: 1216,
  message: 'Invalid quote formatting for CSV: unclosed quote',
};
const EXTRA_COLUMN: FieldError = { code: 1202, message: 'Extra column(s) found' };
const MISSING_COLUMN: FieldError = { code: 1203, message: 'Delimiter not found' };

const refuse = (
  column: TargetColumn | undefined,
  position: number,
  lineNumber: number,
  error: FieldError,
): never => {
  throw new FieldRefused({
    lineNumber,
    columnName: column?.name ?? '',
    columnType: column?.type ?? '',
    columnLength: column?.length === undefined ? '' : String(column.length),
    position,
    errorCode: error.code,
    errorMessage: error.message,
  });
};

interface Field {
  /** With its quotes. */
  readonly start: number;
  /** Index of the delimiter, LF or end; -1 while a quote is open. */
  readonly end: number;
  readonly isQuoted: boolean;
  /** Doubled quotes in it. */
  readonly escapes: number;
  /** LFs in it. */
  readonly lines: number;
}

const findField = (piece: Buffer, start: number): Field => {
  if (piece[start] !== QUOTE) {
    let end = start;
    for (; end < piece.length; end += 1) {
      const byte = piece[end];
      if (byte === COMMA || byte === LF) break;
      if (byte === CR || byte === QUOTE) {
        throw notKnownHere(`an unquoted ${byte === CR ? 'CR' : 'quote'} in a CSV field`);
      }
    }
    return { start, end, isQuoted: false, escapes: 0, lines: 0 };
  }
  let [at, escapes, lines] = [start + 1, 0, 0];
  for (; at < piece.length; at += 1) {
    const byte = piece[at];
    if (byte === LF) lines += 1;
    if (byte !== QUOTE) continue;
    if (piece[at + 1] === QUOTE) {
      escapes += 1;
      at += 1;
      continue;
    }
    if (at + 1 < piece.length && piece[at + 1] !== COMMA && piece[at + 1] !== LF) {
      throw notKnownHere('text after the closing quote of a CSV field');
    }
    return { start, end: at + 1, isQuoted: true, escapes, lines };
  }
  return { start, end: -1, isQuoted: true, escapes, lines };
};

/** undefined: fine; empty: NULL for its type; else what is wrong. */
const checkField = (
  piece: Buffer,
  field: Field,
  column: TargetColumn,
  check: FieldCheck | undefined,
  shape: RecordShape,
): FieldError | 'empty' | undefined => {
  const start = field.isQuoted ? field.start + 1 : field.start;
  const end = field.isQuoted ? field.end - 1 : field.end;
  if (isNull(piece, start, end, shape.nullBytes)) {
    if (field.isQuoted) throw notKnownHere('a null string in quotes: the guide does not say what it is');
    return column.isNotNull ? { code: 1213, message: 'Missing data for not-null field' } : undefined;
  }
  if (check === undefined)
    return checkCharacters(piece.subarray(start, end), field.escapes, column, shape.isText);
  if (start === end) {
    return column.isNotNull ? { code: 1213, message: 'Missing data for not-null field' } : 'empty';
  }
  const text = piece.toString('utf8', start, end);
  return check(field.escapes > 0 ? text.replaceAll('""', '"') : text);
};

const isNull = (piece: Buffer, start: number, end: number, nullBytes: Buffer): boolean =>
  end - start === nullBytes.length && piece.compare(nullBytes, 0, nullBytes.length, start, end) === 0;

const checkCharacters = (
  bytes: Buffer,
  escapes: number,
  column: TargetColumn,
  isText: boolean,
): FieldError | undefined => {
  if (column.length !== undefined && bytes.length - escapes > column.length) {
    return { code: 1204, message: 'String length exceeds DDL length' };
  }
  if (!isText && !holdsText(bytes)) {
    return { code: 1220, message: 'String contains invalid or unsupported UTF8 codepoints' };
  }
  if (column.type === 'bpchar' && bytes.some((byte) => byte > 0x7f)) {
    return { code: 1215, message: 'CHAR field holds a character of more than one byte' };
  }
  return undefined;
};

const holdsText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);
