import { DocumentMismatch, InvalidInput } from '../errors.ts';
import type { Contract } from '../model/contract.ts';
import type { Failure } from '../values/failure.ts';
import { type Found, isJson } from '../values/found.ts';
import { toEpochMs } from '../values/times.ts';
import { type CursorOrder, newCursorOrder, noteCursor } from './cursor-order.ts';
import type { ColumnMatcher, Matcher, TableMatcher, Target } from './matcher-shape.ts';
import { ancestorOf, type Holding, type Row, settled, UNDECIDED } from './record.ts';
import type { DocumentOptions, RowSink } from './row-sink.ts';

/** What is known of the rows of a document while they are typed: counts, the cursor, rejects. */
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
  /** Child rows that went with a rejected row. */
  orphans: number;
  outside: number;
  readonly order: CursorOrder;
  largestCursor: string | undefined;
  readonly isCursorTime: boolean;
  readonly isHashed: boolean;
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
  refuse: Emission['refuse'],
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
    isHashed: matcher.tables.some(({ hash }) => hash !== undefined),
    matched: matcher.tables.map((table) => table.columns.map(() => false)),
    texts: new Map(),
  };
};

/** The text of a `value` column, the same for all rows of a document. */
export const textOf = ({ texts, options }: Emission, template: string): string => {
  const known = texts.get(template);
  if (known !== undefined) return known;
  const text = options.valueText?.(template) ?? template;
  texts.set(template, text);
  return text;
};

/** What a path found in the holding of its holder, which is at or around that of the row. */
export const findAt = (
  e: Emission,
  column: ColumnMatcher,
  from: Holding,
  target: Target | undefined,
): Found | readonly Found[] | undefined => {
  if (target === undefined) return undefined;
  const holding = from.holder === target.holder ? from : ancestorOf(from, target.holder);
  if (holding === undefined) return undefined;
  const found = settled(holding.entries[target.slot]);
  if (found !== UNDECIDED) return found;
  return e.refuse(
    DocumentMismatch,
    `${column.path} has a predicate that no element before the first record decides`,
  );
};

const MOST_RAW = 1000;

/** What was found as a reject shows it. */
const toRaw = (found: Found | readonly Found[] | undefined): string | null => {
  if (typeof found === 'string') return found;
  if (isJson(found)) return found.json;
  return Array.isArray(found) ? JSON.stringify(found.map((one) => (isJson(one) ? one.json : one))) : null;
};

/** Tells the sink of a row that a column's value rejected. */
export const reject = (
  e: Emission,
  table: TableMatcher,
  row: Pick<Row, 'table' | 'line' | 'column'>,
  number: number,
  column: ColumnMatcher,
  found: Found | readonly Found[] | undefined,
  failure: Failure,
): void => {
  e.rejects[row.table] = (e.rejects[row.table] ?? 0) + 1;
  e.rejectedBy.add(`${table.table}.${column.name}`);
  const raw = toRaw(found);
  e.sink.reject({
    table: table.table,
    row: number,
    line: row.line,
    column: row.column,
    path: `${column.name} <- ${column.path}`,
    reason: failure.reason,
    raw: raw === null ? null : raw.slice(0, MOST_RAW),
  });
};

/** Whether the cursor is in the bounds; the largest of those that are is kept. */
export const isInBounds = (e: Emission, cursor: string | null): boolean => {
  if (cursor === null) return true;
  const bounds = e.options.cursorBounds;
  if (bounds !== undefined) {
    const ms = toEpochMs(cursor);
    noteCursor(e.order, cursor, ms < bounds.fromMs);
    if (ms < bounds.fromMs || ms >= bounds.toMs) return false;
  }
  const largest = e.largestCursor;
  // Canonical times sort as text; a fraction sorts after the offset's plus.
  const isLarger =
    largest === undefined || (e.isCursorTime ? cursor > largest : Number(cursor) > Number(largest));
  if (isLarger) e.largestCursor = cursor;
  return true;
};
