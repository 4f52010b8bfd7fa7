import type { Contract } from '../feed/contract.ts';
import type { Limits } from './limits.ts';

/**
 * One XML document becomes typed rows: decompress by content, decode, parse, match, type. Memory is one record
 * and one chunk, whatever the document's size.
 */

/** Row numbers go on over the documents of a step; the caller keeps one of these for the step. */
export interface RowNumbers {
  /** `_row` is base + n, n = 1, 2, … in document order, apart for each table. */
  readonly base: number;
  /** Rows numbered so far, by the table's index in the contract; starts as zeros. */
  readonly used: number[];
}

export interface DocumentOptions {
  readonly contract: Contract;
  /** URL, or key and page: what error messages start with. */
  readonly place: string;
  readonly rowNumbers: RowNumbers;
  /** Absolute paths wanted besides rows, by a name of the caller's: `{ next: path }`. The first match counts. */
  readonly wanted?: Readonly<Record<string, string>>;
  /** Charset of the HTTP header; a byte order mark stands above it, the XML declaration below it. */
  readonly charset?: string;
  /** @default DEFAULT_LIMITS */
  readonly limits?: Limits;
  /** Rows of the first table whose cursor lies outside `[fromMs, toMs)` are dropped and counted; lookback is in fromMs. */
  readonly cursorBounds?: { readonly fromMs: number; readonly toMs: number };
}

/** A row that could not be typed, kept with its reason and place. */
export interface Reject {
  /** `schema.table`. */
  readonly table: string;
  /** `_row` that the row would have had. */
  readonly row: number;
  readonly line: number;
  readonly column: number;
  /** `column <- path` at fault. */
  readonly path: string;
  readonly reason: string;
  /** The value as it was read, cut at 1,000 characters; null when there was none. */
  readonly raw: string | null;
}

export interface RowSink {
  /** One typed row: `values` by the table's columns in contract order, in canonical text; null is null. The array is the sink's to keep. */
  row(table: number, values: readonly (string | null)[], row: number, parentRow: number | undefined): void;
  reject(reject: Reject): void;
  /** Called between chunks; the document waits for it: backpressure. Undefined is ready now. */
  ready(): Promise<void> | undefined;
}

export interface DocumentSummary {
  /** Record elements: those of tables that lie below no other table's rows, kept or not. */
  readonly records: number;
  /** Rows given to the sink, by the table's index in the contract. */
  readonly rows: readonly number[];
  /** Rows given to `sink.reject`. */
  readonly rejects: number;
  /** Child rows that went with a rejected parent; not in `rejects`. */
  readonly orphans: number;
  /** Records outside the cursor's bounds; their child rows went with them. */
  readonly outside: number;
  /** Bytes of XML read, after decompression. */
  readonly bytes: number;
  /** Largest cursor among the rows given to the sink, in canonical text. */
  readonly largestCursor: string | undefined;
  /** `schema.table.column` whose path matched at least once. */
  readonly matched: readonly string[];
  /** Wanted values that were there, by name. */
  readonly wanted: Readonly<Record<string, string>>;
}

/**
 * What `parseDocument` is. Throws XmlMalformed, SourceTruncated (the body ended before its root closed), XmlLimitExceeded,
 * XmlUnsupported or DocumentMismatch, each with place, line and column; an error of `chunks` passes through. After any
 * error the rows already given to the sink are worth nothing.
 */
export type ParseDocument = (
  chunks: AsyncIterable<Uint8Array>,
  options: DocumentOptions,
  sink: RowSink,
) => Promise<DocumentSummary>;
