import { hashedValues, recordHash, rowText } from '../model/record-hash.ts';
import type { Found } from '../values/found.ts';
import { type Emission, findAt, isInBounds, reject, textOf } from './emission.ts';
import type { ColumnMatcher, Matcher, TableMatcher } from './matcher-shape.ts';
import { ancestorOf, anyVerdict, type Row } from './record.ts';

/** Turns complete records into typed rows and rejects, and counts them. */

/** Emits a record's rows, which stand in the order of their start tags, parents before their children. */
export const emitRecord = (e: Emission, rows: readonly Row[]): void => {
  const before = e.records;
  let tombstones = 0;
  for (const row of rows) tombstones += typeInRecord(e, row);
  if (e.isHashed) setHashes(e.matcher, rows);
  for (const { table, values, number, parent } of rows)
    if (values !== undefined && number !== undefined) e.sink.row(table, values, number, parent?.number);
  // A tombstone that lies in a record, or is one, is counted with it: the source has one element there.
  if (tombstones === 0 || e.records > before) return;
  e.records += tombstones;
  e.tombstones += tombstones;
};

/** Types one row, and answers how many tombstones it is. */
const typeInRecord = (e: Emission, row: Row): 0 | 1 => {
  const table = e.matcher.tables[row.table];
  if (table === undefined || (row.guards !== undefined && anyVerdict(row.guards) === false)) return 0;
  e.found[row.table] = true;
  row.parent = parentOf(e, table, row);
  const ordinal = countInParent(row, e.matcher.tables.length);
  if (table.parent === undefined && !table.isTombstones) e.records += 1;
  if (table.parent !== undefined && row.parent?.state !== 'given') {
    goWithParent(e, row);
    return 0;
  }
  countRow(e, table, row, ordinal);
  return table.isTombstones ? 1 : 0;
};

/** A row whose parent's row was dropped or rejected is so too; what lies in an element that is no row is not asked for. */
const goWithParent = (e: Emission, row: Row): void => {
  const state = row.parent?.state;
  if (state !== 'outside' && state !== 'rejected') return;
  row.state = state;
  if (state === 'rejected') e.orphans += 1;
};

const parentOf = ({ matcher }: Emission, { parent }: TableMatcher, row: Row): Row | undefined => {
  const holder = parent === undefined ? undefined : matcher.tables[parent]?.holder;
  if (parent === undefined || holder === undefined) return undefined;
  return ancestorOf(row.holding, holder)?.rows[parent];
};

/** The row's number among the elements of its table in the parent's row; a record is one row, and has none. */
const countInParent = ({ parent, table }: Row, tables: number): number => {
  if (parent === undefined) return 1;
  // As long as it gets: one that grows has room for many more.
  parent.ordinals ??= new Array(tables);
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
  if (table.cursor !== undefined && !isInBounds(e, values[table.cursor] ?? null)) {
    row.state = 'outside';
    e.outside += 1;
    return;
  }
  row.state = 'given';
  row.number = number;
  row.values = values;
  e.rows[row.table] = (e.rows[row.table] ?? 0) + 1;
};

/** Writes into each root's row the hash of all rows of its record. */
const setHashes = ({ tables }: Matcher, rows: readonly Row[]): void => {
  const texts = new Map<Row, string[]>();
  for (const row of rows) {
    if (row.values === undefined) continue;
    let root = row;
    while (root.parent !== undefined) root = root.parent;
    const known = texts.get(root) ?? [];
    texts.set(root, known);
    const { ignored = [] } = tables[row.table]?.hash ?? {};
    known.push(rowText(row.table, hashedValues(row.values, ignored)));
  }
  for (const [root, of] of texts) {
    const hash = tables[root.table]?.hash;
    if (hash === undefined || root.values === undefined) continue;
    root.values[hash.column] = recordHash(hash.family, of);
  }
};

/** The row's values, or undefined when it was rejected. */
const typeRow = (
  e: Emission,
  table: TableMatcher,
  row: Row,
  ordinal: number,
  number: number,
): (string | null)[] | undefined => {
  const values: (string | null)[] = new Array(table.columns.length);
  const matched = e.matched[row.table] ?? [];
  for (let index = 0; index < table.columns.length; index += 1) {
    const column = table.columns[index];
    if (column === undefined) continue;
    const found = find(e, column, row, ordinal);
    if (found !== undefined) matched[index] = true;
    const value = column.type(found);
    if (value !== null && typeof value !== 'string') {
      row.state = 'rejected';
      reject(e, table, row, number, column, found, value);
      return undefined;
    }
    values[index] = value;
  }
  return values;
};

const find = (
  e: Emission,
  column: ColumnMatcher,
  row: Row,
  ordinal: number,
): Found | readonly Found[] | undefined => {
  const { source } = column;
  if (source.kind === 'hash') return undefined;
  if (source.kind === 'ordinal') return String(ordinal);
  if (source.kind === 'value') return textOf(e, source.template);
  if (source.kind === 'parent') return row.parent?.values?.[source.column] ?? undefined;
  const { alternatives } = source;
  if (alternatives.length === 1) return findAt(e, column, row.holding, alternatives[0]);
  let first: Found | readonly Found[] | undefined;
  for (const target of alternatives) {
    const found = findAt(e, column, row.holding, target);
    if (found === undefined) continue;
    if (column.isValue(found)) return found;
    first ??= found;
  }
  return first;
};
