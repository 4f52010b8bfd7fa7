import { type DocumentMismatch, InvalidInput } from '../errors.ts';
import type { Contract } from '../model/contract.ts';
import type { Span } from '../values/spans.ts';
import { type CursorOrder, newCursorOrder } from './cursor-order.ts';
import type { Matcher } from './matcher-shape.ts';
import { newRecordHasher, type RecordHasher } from './record-hasher.ts';
import type { DocumentOptions, RowSink } from './row-sink.ts';

/** Where spans stand, as long as they do. */
export interface SpanSource {
  bytes(): Uint8Array;
  textAt(span: Span): string;
}

/** What is kept while complete records become typed rows and rejects, which are counted. */
export interface Emission {
  readonly matcher: Matcher;
  readonly sink: RowSink;
  readonly options: DocumentOptions;
  readonly refuse: (kind: typeof DocumentMismatch, what: string) => never;
  records: number;
  /** Of them, those that are nothing but tombstones. */
  tombstones: number;
  hardRecords: number;
  readonly rows: number[];
  /** Rejects, and whether there was a row element at all, by table. */
  readonly rejects: number[];
  readonly found: boolean[];
  /** `table.column` whose value rejected a row. */
  readonly rejectedBy: Set<string>;
  orphans: number;
  outside: number;
  readonly order: CursorOrder;
  largestCursor: string | undefined;
  readonly isCursorTime: boolean;
  /** Undefined where no table has a hash. */
  readonly hasher: RecordHasher | undefined;
  /** What spans are of, and the text of one. */
  readonly source: SpanSource;
  /** Whether a column's path matched at least once, by table and column. */
  readonly matched: boolean[][];
  /** Texts of `value` columns, by their templates. */
  readonly texts: Map<string, string>;
}

const TIMES: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz']);

const isTimeCursor = (contract: Contract): boolean => {
  const column = contract.tables[0]?.columns.find(({ name }) => name === contract.cursor);
  return column !== undefined && TIMES.has(column.type.kind);
};

export const newEmission = (
  matcher: Matcher,
  options: DocumentOptions,
  sink: RowSink,
  { refuse, bytes, textAt }: SpanSource & Pick<Emission, 'refuse'>,
): Emission => {
  const isCursorTime = isTimeCursor(options.contract);
  if (options.cursorBounds !== undefined && !isCursorTime) {
    throw new InvalidInput(
      `cursor ${options.contract.cursor} has bounds, allowed: a date, timestamp or timestamptz column`,
    );
  }
  return {
    matcher,
    sink,
    options,
    refuse,
    records: 0,
    tombstones: 0,
    hardRecords: 0,
    rows: matcher.tables.map(() => 0),
    rejects: matcher.tables.map(() => 0),
    found: matcher.tables.map(() => false),
    rejectedBy: new Set(),
    orphans: 0,
    outside: 0,
    order: newCursorOrder(),
    largestCursor: undefined,
    isCursorTime,
    hasher: matcher.tables.some(({ hash }) => hash !== undefined) ? newRecordHasher(matcher) : undefined,
    source: { bytes, textAt },
    matched: matcher.tables.map((table) => table.columns.map(() => false)),
    texts: new Map(),
  };
};
