import type { RowBytes } from '../csv/row-bytes.ts';
import type { Contract } from '../model/contract.ts';
import type { Limits } from './limits.ts';

/** What the reading of a document is told, and where its rows go. */

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
  /**
   * Absolute paths whose match says that this is no page of rows but an answer of another kind, by a name of the caller's; an element with
   * child elements matches by its whole text. Such a document may have their root.
   */
  readonly signs?: Readonly<Record<string, string>>;
  /** Told at once of a wanted value or sign that no predicate on children can still undo: a next page may be fetched meanwhile. */
  readonly onWanted?: (name: string, value: string) => void;
  /** Charset of the HTTP header; a byte order mark stands above it, the XML declaration mostly below it: see encoding.ts. */
  readonly charset?: string;
  /** @default DEFAULT_LIMITS */
  readonly limits?: Limits;
  /** Rows of the first table whose cursor lies outside `[fromMs, toMs)` are dropped and counted; lookback is in fromMs. */
  readonly cursorBounds?: { readonly fromMs: number; readonly toMs: number };
  /** The text of a column's `value`, by its template; asked once a document. @default the template as it stands */
  readonly valueText?: (template: string) => string;
  /** Everything is read by saxes: what the scanner in front of it is held against. @default false */
  readonly saxesAlone?: boolean;
  /** Reading ends behind so many records, and the source is closed: what follows is neither read nor checked. @default all */
  readonly mostRecords?: number;
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

/** Rows that are written as CSV, field by field. */
export interface RowFields {
  /** Columns that `end` adds at least: a row of one column alone has its empty text in quotes. */
  readonly added: number;
  /** Where the next row of the table is written; asked again before that is ended or dropped, the same. Rows of other tables may come in between. */
  begin(table: number): RowBytes;
  /** Ends it, behind what the file has besides the table's columns; a row that is not ended is dropped first. */
  end(table: number, row: number, parentRow: number | undefined): void;
}

export interface RowSink {
  /** Where a sink writes CSV: most rows are then written from the document's bytes, and only the others are given to `row`. */
  readonly fields?: RowFields;
  /** One typed row: `values` by the table's columns in contract order, in canonical text; null is null. The array is the sink's to keep. */
  row(table: number, values: readonly (string | null)[], row: number, parentRow: number | undefined): void;
  reject(reject: Reject): void;
  /** Called between chunks; the document waits for it: backpressure. Undefined is ready now. */
  ready(): Promise<void> | undefined;
}
