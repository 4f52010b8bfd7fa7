import type { Failure } from '../values/failure.ts';
import { type Found, isJson } from '../values/found.ts';
import { type Field, NO_SPAN, type Span } from '../values/spans.ts';
import { toEpochMs } from '../values/times.ts';
import { noteCursor } from './cursor-order.ts';
import type { Emission } from './emission.ts';
import { find } from './find-value.ts';
import type { ColumnMatcher, TableMatcher } from './matcher-shape.ts';
import { ancestorOf, anyVerdict, type Row } from './record.ts';

/** Turns complete records into typed rows and rejects. */

/** Emits a record's rows, which stand in the order of their start tags, parents before their children. */
export const emitRecord = (e: Emission, rows: readonly Row[]): void => {
  const before = e.records;
  let tombstones = 0;
  for (const row of rows) tombstones += typeInRecord(e, row);
  e.hasher?.set(rows, e.source.bytes());
  for (const row of rows) give(e, row);
  // A tombstone that lies in a record, or is one, is counted with it: the source has one element there.
  if (tombstones === 0 || e.records > before) return;
  e.records += tombstones;
  e.tombstones += tombstones;
};

const give = ({ sink, source }: Emission, { table, values, number, parent }: Row): void => {
  if (values === undefined || number === undefined) return;
  if ('fields' in sink) sink.fields(table, values, source.bytes(), number, parent?.number);
  // No value is a span where the sink takes texts.
  else sink.row(table, values as readonly (string | null)[], number, parent?.number);
};

/** Types one row, and answers how many tombstones it is. */
const typeInRecord = (e: Emission, row: Row): 0 | 1 => {
  const table = e.matcher.tables[row.table];
  if (table === undefined || (row.guards !== undefined && anyVerdict(row.guards) === false)) return 0;
  e.found[row.table] = true;
  row.parent = parentOf(e, table, row);
  const ordinal = countInParent(row);
  if (table.parent === undefined && !table.isTombstones) e.records += 1;
  if (table.parent !== undefined && row.parent?.state !== 'given') {
    if (row.parent?.state === 'outside') row.state = 'outside';
    else e.orphans += 1;
    return 0;
  }
  countRow(e, table, row, ordinal);
  return table.isTombstones ? 1 : 0;
};

const parentOf = ({ matcher }: Emission, { parent }: TableMatcher, row: Row): Row | undefined => {
  const holder = parent === undefined ? undefined : matcher.tables[parent]?.holder;
  if (parent === undefined || holder === undefined) return undefined;
  return ancestorOf(row, holder)?.rows[parent];
};

/** The row's number among the elements of its table in the parent's row; a record is one row, and has none. */
const countInParent = ({ parent, table }: Row): number => {
  if (parent === undefined) return 1;
  parent.ordinals ??= [];
  const ordinal = (parent.ordinals[table] ?? 0) + 1;
  parent.ordinals[table] = ordinal;
  return ordinal;
};

const countRow = (e: Emission, table: TableMatcher, row: Row, ordinal: number): void => {
  const { base, used } = e.options.rowNumbers;
  const n = (used[row.table] ?? 0) + 1;
  used[row.table] = n;
  const number = base + n;
  const values = typeRow(e, table, row, ordinal, number);
  if (values === undefined) return;
  if (table.cursor !== undefined && !isInBounds(e, values[table.cursor])) {
    row.state = 'outside';
    e.outside += 1;
    return;
  }
  row.state = 'given';
  row.number = number;
  row.values = values;
  e.rows[row.table] = (e.rows[row.table] ?? 0) + 1;
};

/** A span that is its column's value as it stands, with the form in which it is written. */
const typeSpan = ({ source }: Emission, { source: of, typeSpan: type }: ColumnMatcher, span: Span): Span => {
  // A parent's value is typed already.
  if (of.kind === 'parent') return span;
  return type === undefined ? NO_SPAN : type(source.bytes(), span);
};

/** The row's values, or undefined when it was rejected. */
const typeRow = (
  e: Emission,
  table: TableMatcher,
  row: Row,
  ordinal: number,
  number: number,
): Field[] | undefined => {
  const values: Field[] = new Array(table.columns.length);
  const takesSpans = 'fields' in e.sink;
  const matched = e.matched[row.table] ?? [];
  for (let index = 0; index < table.columns.length; index += 1) {
    const column = table.columns[index];
    if (column === undefined) continue;
    let found = find(e, column, row, ordinal);
    if (found !== undefined) matched[index] = true;
    if (typeof found === 'number') {
      const span = takesSpans && index !== table.cursor ? typeSpan(e, column, found) : NO_SPAN;
      if (span !== NO_SPAN) {
        values[index] = span;
        continue;
      }
      found = e.source.textAt(found);
    }
    const value = column.type(found);
    if (value !== null && typeof value !== 'string') {
      reject(e, table, row, number, column, found, value);
      return undefined;
    }
    values[index] = value;
  }
  return values;
};

const MOST_RAW = 1000;

/** What was found as a reject shows it. */
const toRaw = (found: Found | readonly Found[] | undefined): string | null => {
  if (typeof found === 'string') return found;
  if (isJson(found)) return found.json;
  return Array.isArray(found) ? JSON.stringify(found.map((one) => (isJson(one) ? one.json : one))) : null;
};

const reject = (
  e: Emission,
  table: TableMatcher,
  row: Row,
  number: number,
  column: ColumnMatcher,
  found: Found | readonly Found[] | undefined,
  failure: Failure,
): void => {
  e.rejects[row.table] = (e.rejects[row.table] ?? 0) + 1;
  e.rejectedBy.add(`${table.table}.${column.name}`);
  row.state = 'rejected';
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
const isInBounds = (e: Emission, cursor: Field | undefined): boolean => {
  // A cursor is always typed as a text.
  if (typeof cursor !== 'string') return true;
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
