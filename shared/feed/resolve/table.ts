import { InvalidInput } from '../../errors.ts';
import type { ColumnContract, TableContract } from '../../model/contract.ts';
import { DISPOSITION_WORDS } from '../../model/disposition.ts';
import type { Path } from '../../model/path.ts';
import { parsePath } from '../../model/path.ts';
import { MAX_STATEMENTS } from '../../sql/batch-limits.ts';
import { dispositionOf } from '../../sql/dispositions/registry.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { TableDocument } from '../document/table.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { resolveColumn } from './column.ts';
import { checkDisposition } from './disposition.ts';
import { checkColumnCount, checkColumnName, checkSchemaName } from './identifiers.ts';
import type { Parent } from './parent.ts';
import {
  checkInherited,
  findParentByKey,
  findParentByRows,
  matchParentKey,
  withInherited,
} from './parent.ts';
import { elementPath, haveOtherRoots, isBelow, readAbsolutePath, readElements, readPath } from './paths.ts';

/** Tables as they are written to tables of the contract: records, and child tables in both forms. */

interface TableContext {
  readonly doc: FeedDocument;
  /** The tables resolved so far, in file order. */
  readonly above: readonly TableContract[];
  readonly isFirst: boolean;
  /** Whether a table above has problems: children are looked at once it has none. */
  readonly hasFaultAbove: boolean;
  readonly check: Check;
}

const readRowsBelow = (text: string, parent: TableContract, doc: FeedDocument): Path => {
  const path = readElements(readPath(text, doc.namespaces ?? {}));
  if (path.isAbsolute && isBelow(path, parsePath(parent.rows))) return path;
  if (path.isAbsolute || path.ups > 0 || path.steps.length === 0) {
    throw new InvalidInput(
      `got '${text}', allowed a path below the rows of ${parent.table}, as in comments or ${parent.rows}//comments`,
    );
  }
  return elementPath([...parsePath(parent.rows).steps, ...path.steps]);
};

/** Columns that always have a value. */
const neededColumns = (doc: TableDocument, { doc: feed, isFirst }: TableContext): readonly string[] => [
  ...(doc.key ?? []),
  ...(doc.sequence ?? []),
  ...(isFirst && feed.window !== undefined ? [feed.window.cursor] : []),
];

const resolveColumns = (
  doc: TableDocument,
  rows: Path,
  isChild: boolean,
  at: KeyPath,
  context: TableContext,
): readonly ColumnContract[] => {
  const { check } = context;
  const needed = neededColumns(doc, context);
  const namespaces = context.doc.namespaces ?? {};
  const rowsAbove = context.above.map((table) => parsePath(table.rows));
  const names = Object.keys(doc.columns);
  if (!checkColumnCount(names.length, [...at, 'columns'], check)) return [];
  for (const name of [...names, ...Object.keys(doc.parent ?? {})])
    checkColumnName(name, [...at, 'columns', name], check);
  return Object.entries(doc.columns).flatMap(([name, written]) => {
    const isNeeded = needed.includes(name);
    const column = resolveColumn(name, written, [...at, 'columns', name], {
      rows,
      rowsAbove,
      isChild,
      namespaces,
      isNeeded,
      check,
    });
    return column === undefined ? [] : [column];
  });
};

const checkNamed = (
  names: readonly string[],
  { columns: written }: TableDocument,
  columns: readonly ColumnContract[],
  at: KeyPath,
  check: Check,
): void => {
  for (const [index, name] of names.entries()) {
    const column = columns.find((one) => one.name === name);
    if (column === undefined && !Object.hasOwn(written, name))
      check.refuse(
        [...at, index],
        `got '${name}', allowed a column: ${columns.map((one) => one.name).join(' ')}`,
      );
    if (column?.type.kind === 'super')
      check.refuse([...at, index], `got '${name}' of type super, allowed a type that can be compared`);
    if (names.indexOf(name) < index) check.refuse([...at, index], `got '${name}' twice, allowed once`);
  }
};

const names = (table: string): Pick<TableContract, 'table' | 'schema' | 'name'> => {
  const [schema = '', name = ''] = table.split('.');
  return { table, schema, name };
};

/** Beyond the parent's key: the child's own columns, else its ordinals, which tell the parent's children apart. */
const ownKey = (
  doc: TableDocument,
  inherited: readonly string[],
  columns: readonly ColumnContract[],
): readonly string[] => {
  const own = (doc.key ?? []).filter((name) => !inherited.includes(name));
  if (own.length > 0 || inherited.length === 0) return own;
  return columns.filter(({ source }) => source.kind === 'ordinal').map(({ name }) => name);
};

const assemble = (
  table: string,
  rows: Path,
  parent: Parent,
  doc: TableDocument,
  columns: readonly ColumnContract[],
): TableContract => {
  const inherited = parent.table.key.length === 0 ? [] : parent.columns.map(({ child }) => child);
  return {
    ...names(table),
    rows: rows.text,
    parent: { table: parent.table.table, columns: [...parent.columns] },
    disposition: parent.table.disposition,
    key: [...inherited, ...ownKey(doc, inherited, columns)],
    sequence: [],
    columns: [...withInherited(columns, parent)],
  };
};

/** The short form: `parent`, and rows below the parent's. */
const resolveShortChild = (
  table: string,
  doc: TableDocument,
  at: KeyPath,
  context: TableContext,
): TableContract | undefined => {
  const { check, above } = context;
  if (context.hasFaultAbove) return undefined;
  const named = doc.parent ?? {};
  const parent = check.attempt([...at, 'parent'], () => findParentByKey(named, above));
  const rows =
    parent && check.attempt([...at, 'rows'], () => readRowsBelow(doc.rows, parent.table, context.doc));
  if (parent === undefined || rows === undefined) return undefined;
  checkInherited(doc, parent.table, at, check);
  const columns = resolveColumns(doc, rows, true, at, context);
  const twice = columns.find((column) => Object.hasOwn(named, column.name));
  if (twice !== undefined)
    check.refuse([...at, 'columns', twice.name], 'is a column of parent too, allowed in one of them', 'key');
  return assemble(table, rows, parent, doc, columns);
};

/** The long form: absolute rows below another table's, and its key in the child's own. */
const resolveLongChild = (
  table: string,
  doc: TableDocument,
  rows: Path,
  parent: TableContract,
  at: KeyPath,
  context: TableContext,
): TableContract | undefined => {
  const { check, above } = context;
  const columns = resolveColumns(doc, rows, true, at, context);
  const child = { rows: rows.text, columns: [...columns], key: doc.key ?? [] };
  const matched = check.attempt([...at, 'key'], () => matchParentKey(child, parent, above));
  return matched && assemble(table, rows, matched, doc, columns);
};

const resolveRecord = (
  table: string,
  doc: TableDocument,
  rows: Path,
  at: KeyPath,
  context: TableContext,
): TableContract | undefined => {
  const { check, isFirst } = context;
  const columns = resolveColumns(doc, rows, false, at, context);
  const { disposition, key = [] } = doc;
  if (disposition === undefined) {
    check.refuse([...at, 'disposition'], `is missing, allowed ${DISPOSITION_WORDS.join(' ')}`, 'key');
    return undefined;
  }
  if (dispositionOf({ disposition }).needsKey && key.length === 0)
    check.refuse(
      [...at, 'key'],
      `is missing, allowed the columns that tell rows apart, which ${disposition} needs`,
      'key',
    );
  const { window } = context.doc;
  const sequence = doc.sequence ?? (isFirst && window !== undefined ? [window.cursor] : []);
  const ignore = doc.ignore === undefined ? {} : { ignore: doc.ignore };
  return { ...names(table), rows: rows.text, disposition, key, sequence, ...ignore, columns: [...columns] };
};

const resolveAbsolute = (
  table: string,
  doc: TableDocument,
  at: KeyPath,
  context: TableContext,
): TableContract | undefined => {
  const rows = context.check.attempt([...at, 'rows'], () =>
    readElements(readAbsolutePath(doc.rows, context.doc.namespaces ?? {})),
  );
  if (rows === undefined) return undefined;
  const parent = findParentByRows(rows.text, context.above);
  if (parent === undefined) return resolveRecord(table, doc, rows, at, context);
  if (context.hasFaultAbove) return undefined;
  checkInherited(doc, parent, at, context.check);
  return resolveLongChild(table, doc, rows, parent, at, context);
};

const checkRows = (
  table: TableContract,
  tables: readonly TableContract[],
  at: KeyPath,
  { doc, check }: TableContext,
): void => {
  const rows = parsePath(table.rows);
  const [first] = tables;
  if (first !== undefined && haveOtherRoots(rows, parsePath(first.rows), doc.namespaces ?? {})) {
    check.refuse(
      [...at, 'rows'],
      `got '${table.rows}', allowed rows below the root of ${first.rows}: a document has one root`,
    );
  }
  const higher = tables.find((other) => other.parent === undefined && isBelow(parsePath(other.rows), rows));
  if (higher !== undefined)
    check.refuse(
      [...at, 'rows'],
      `stands below ${higher.table}, whose rows lie below these, allowed above it`,
    );
};

/** How the table is distributed and sorted when it is made. A child lies where its root's rows lie, so that they are joined there. */
const resolvePlacement = (
  { distribute, sort }: TableDocument,
  { key, parent }: TableContract,
  at: KeyPath,
  { above, check }: TableContext,
): Pick<TableContract, 'distribute' | 'sort'> => {
  const root = above.find(({ table }) => table === parent?.table);
  const inherited = root?.distribute === 'key' ? 'key' : undefined;
  const chosen = distribute === undefined ? inherited : distribute === 'auto' ? undefined : distribute;
  if (chosen === 'key' && key.length === 0)
    check.refuse([...at, 'distribute'], 'got key for a table without one, allowed auto even all');
  if ((sort?.length ?? 0) > MOST_SORT_COLUMNS)
    check.refuse([...at, 'sort'], `got ${sort?.length} columns, allowed ${MOST_SORT_COLUMNS}`, 'key');
  return { ...(chosen === undefined ? {} : { distribute: chosen }), ...(sort === undefined ? {} : { sort }) };
};

/** https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html */
const MOST_SORT_COLUMNS = 400;

/** The feed's tables, in file order; those whose problems are noted are left out. */
export const resolveTables = (doc: FeedDocument, check: Check): readonly TableContract[] => {
  const tables: TableContract[] = [];
  const count = Object.keys(doc.tables).length;
  if (count > MAX_STATEMENTS) {
    check.refuse(['tables'], `got ${count} tables, allowed ${MAX_STATEMENTS}: divide the feed`, 'key');
    return [];
  }
  const before = check.problems.length;
  for (const [index, [name, table]] of Object.entries(doc.tables).entries()) {
    const at: KeyPath = ['tables', name];
    const context: TableContext = {
      doc,
      above: tables,
      isFirst: index === 0,
      hasFaultAbove: check.problems.length > before,
      check,
    };
    checkSchemaName(names(name).schema, at, check);
    const resolve = table.parent === undefined ? resolveAbsolute : resolveShortChild;
    const resolved = resolve(name, table, at, context);
    if (resolved === undefined) continue;
    checkNamed(table.key ?? [], table, resolved.columns, [...at, 'key'], check);
    checkNamed(table.sequence ?? [], table, resolved.columns, [...at, 'sequence'], check);
    checkRows(resolved, tables, at, context);
    checkNamed(table.sort ?? [], table, resolved.columns, [...at, 'sort'], check);
    const whole = {
      ...resolved,
      ...(table.adopt === true ? { adopt: true } : {}),
      ...resolvePlacement(table, resolved, at, context),
    };
    checkDisposition(table, whole, at, { doc, check });
    tables.push(whole);
  }
  return tables;
};
