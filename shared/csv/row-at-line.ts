import { InvalidInput } from '../errors.ts';
import { readCsv } from './read-csv.ts';

/** The row of a CSV file that has a line. */
export interface RowAtLine {
  readonly values: readonly (string | null)[];
  /** Whether a row up to this one has line feeds of its own, so that rows and lines are counted apart. */
  readonly hasLines: boolean;
}

const QUOTE = 0x22;
const LF = 0x0a;

/** Bytes of one row: what comes after an open quote must not gather without end. */
const MOST_BYTES = 16 * 2 ** 20;

/** Where a scan is; a doubled quote closes and opens again, so every quote turns it. */
interface Scan {
  line: number;
  isQuoted: boolean;
  hasLines: boolean;
}

/** Goes to the end of the row that has the line, or of the chunk; gives where the row that is open began, and where it ends. */
const scanChunk = (
  chunk: Uint8Array,
  line: number,
  scan: Scan,
): { readonly start: number; readonly end: number | undefined } => {
  let start = 0;
  for (let at = 0; at < chunk.length; at += 1) {
    const byte = chunk[at];
    if (byte === QUOTE) scan.isQuoted = !scan.isQuoted;
    if (byte !== LF) continue;
    scan.hasLines ||= scan.isQuoted;
    scan.line += 1;
    if (scan.isQuoted) continue;
    if (scan.line > line) return { start, end: at + 1 };
    start = at + 1;
  }
  return { start, end: undefined };
};

/**
 * The row of a file that has a physical line, counted by line feeds from 1, also those within quotes; undefined where the file
 * has fewer, or more than `atMost` bytes before it. Throws InvalidInput where it is no CSV.
 */
export const rowAtLine = async (
  chunks: AsyncIterable<Uint8Array>,
  line: number,
  { nullText, atMost }: { readonly nullText: string; readonly atMost: number },
): Promise<RowAtLine | undefined> => {
  const scan: Scan = { line: 1, isQuoted: false, hasLines: false };
  let row: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    const { start, end } = scanChunk(chunk, line, scan);
    row = [...(start === 0 ? row : []), chunk.subarray(start, end)];
    if (end !== undefined) return { values: await parseRow(row, nullText), hasLines: scan.hasLines };
    bytes += chunk.length;
    if (bytes > atMost || row.reduce((sum, { length }) => sum + length, 0) > MOST_BYTES) return undefined;
  }
  return undefined;
};

const parseRow = async (row: readonly Uint8Array[], nullText: string): Promise<RowAtLine['values']> => {
  for await (const values of readCsv(each(row), nullText)) return values;
  throw new InvalidInput('a line of CSV ends no row');
};

async function* each(row: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* row;
}
