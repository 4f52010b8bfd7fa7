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
  const checks = columns.map((column) => (isCharacter(column) ? undefined : toFieldCheck(column)));
  let line = 1;

  const readRecords = (piece: Buffer, isLast: boolean): Records => {
    const parts: Buffer[] = [];
    let [kept, taken, count, at] = [0, 0, 0, 0];
    const replaceByNull = (start: number, end: number): void => {
      parts.push(piece.subarray(kept, start), nullBytes);
      kept = end;
    };
    while (at < piece.length) {
      const recordStart = at;
      const recordParts = parts.length;
      const recordKept = kept;
      let [column, lines, ended] = [0, 0, false];
      while (!ended) {
        const field = findField(piece, at);
        if (field.end === -1 || (field.end === piece.length && !isLast)) {
          parts.length = recordParts;
          if (field.end === -1 && isLast) {
            refuse(columns[column], at - recordStart, line, {
              code: 1216,
              message: 'Invalid quote formatting for CSV: unclosed quote',
            });
          }
          parts.push(piece.subarray(recordKept, taken));
          return { parts: parts.filter((part) => part.length > 0), taken, count };
        }
        const target = columns[column];
        const position = at - recordStart;
        if (target === undefined) {
          refuse(columns.at(-1), position, line, { code: 1202, message: 'Extra column(s) found' });
        } else {
          const outcome = checkField(piece, field, target, checks[column], nullBytes);
          if (outcome === 'empty') replaceByNull(field.start, field.end);
          else if (outcome !== undefined) refuse(target, position, line, outcome);
        }
        lines += field.lines;
        column += 1;
        at = field.end + 1;
        ended = piece[field.end] !== COMMA;
      }
      if (column < columns.length) {
        refuse(columns[column], at - recordStart, line, { code: 1203, message: 'Delimiter not found' });
      }
      line += lines + 1;
      count += 1;
      taken = Math.min(at, piece.length);
    }
    parts.push(piece.subarray(kept, taken));
    return { parts: parts.filter((part) => part.length > 0), taken, count };
  };
  return { read: readRecords };
};

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
  nullBytes: Buffer,
): FieldError | 'empty' | undefined => {
  const quotes = field.isQuoted ? 1 : 0;
  const bytes = piece.subarray(field.start + quotes, field.end - quotes);
  if (bytes.length === nullBytes.length && bytes.equals(nullBytes)) {
    if (field.isQuoted) throw notKnownHere('a null string in quotes: the guide does not say what it is');
    return column.isNotNull ? { code: 1213, message: 'Missing data for not-null field' } : undefined;
  }
  if (check === undefined) return checkCharacters(bytes, bytes.length - field.escapes, column);
  if (bytes.length === 0) {
    return column.isNotNull ? { code: 1213, message: 'Missing data for not-null field' } : 'empty';
  }
  const text = bytes.toString();
  return check(field.escapes > 0 ? text.replaceAll('""', '"') : text);
};

const checkCharacters = (bytes: Buffer, length: number, column: TargetColumn): FieldError | undefined => {
  if (column.length !== undefined && length > column.length) {
    return { code: 1204, message: 'String length exceeds DDL length' };
  }
  if (!isUtf8(bytes) || bytes.includes(0)) {
    return { code: 1220, message: 'String contains invalid or unsupported UTF8 codepoints' };
  }
  if (column.type === 'bpchar' && bytes.some((byte) => byte > 0x7f)) {
    return { code: 1215, message: 'CHAR field holds a character of more than one byte' };
  }
  return undefined;
};
