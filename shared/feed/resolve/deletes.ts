import { InvalidInput } from '../../errors.ts';
import type { ColumnContract, TableContract } from '../../model/contract.ts';
import { tombstonesName } from '../../model/deletes.ts';
import { type Path, parsePath } from '../../model/path.ts';
import { dispositionOf } from '../../sql/dispositions/registry.ts';
import type { DeleteDocument } from '../document/deletes.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { readColumnPaths } from './column-path.ts';
import { covers, haveOtherRoots, type Namespaces, readAbsolutePath, readElements } from './paths.ts';

/** Tombstones as they are written to tables of the contract, whose columns are of their target's types. */

/** The column of `mode: mark`. */
const MARK = '_deleted_at';

interface DeleteContext {
  readonly doc: FeedDocument;
  readonly tables: readonly TableContract[];
  readonly check: Check;
}

const isDeletable = (table: TableContract): boolean =>
  table.parent === undefined && dispositionOf(table).whyNoDeletes === undefined;

/** Why no row of a table may be deleted; undefined where it can. */
export const whyNotDeleted = (table: TableContract): string | undefined => {
  if (table.parent !== undefined)
    return `is a child of ${table.parent.table}, whose rows take theirs along: allowed deletes of that one`;
  const why = dispositionOf(table).whyNoDeletes;
  return why && `is ${table.disposition}, ${why}: allowed tables that are merged`;
};

/** The table whose rows are deleted; undefined where there is none, or its own problems are noted. */
const findTarget = (name: string, { doc, tables, check }: DeleteContext): TableContract | undefined => {
  const target = tables.find(({ table }) => table === name);
  const at = ['deletes', name];
  if (target === undefined) {
    const allowed = tables.filter(isDeletable).map(({ table }) => table);
    if (!Object.hasOwn(doc.tables, name))
      check.refuse(
        at,
        `is no table of this feed, allowed ${allowed.join(' ') || 'a table that is merged'}`,
        'key',
      );
    return undefined;
  }
  const why = whyNotDeleted(target);
  if (why !== undefined) check.refuse(at, why, 'key');
  return why === undefined ? target : undefined;
};

/** Whether a path may lead to elements around those of another. */
const isAround = (path: Path, other: Path, namespaces: Namespaces): boolean =>
  path.steps.length < other.steps.length &&
  covers({ ...path, steps: path.steps.map((step) => ({ ...step, predicates: [] })) }, other, namespaces);

const readRows = (text: string, target: TableContract, { doc, tables }: DeleteContext): Path => {
  const namespaces = doc.namespaces ?? {};
  const rows = readElements(readAbsolutePath(text, namespaces));
  const [first = target] = tables;
  if (haveOtherRoots(rows, parsePath(first.rows), namespaces))
    throw new InvalidInput(
      `got '${text}', allowed rows below the root of ${first.rows}: a document has one root`,
    );
  const around = tables.find(
    (table) => table.parent === undefined && isAround(rows, parsePath(table.rows), namespaces),
  );
  if (around !== undefined)
    throw new InvalidInput(
      `got '${text}', which has rows of ${around.table} below it, allowed elements beside or below those`,
    );
  if (covers(rows, parsePath(target.rows), namespaces))
    throw new InvalidInput(
      `got '${text}', which leads to every row of ${target.table} and would delete each, allowed other elements or a predicate, as in ${target.rows}[@status='deleted']`,
    );
  return rows;
};

/** The column that orders the target's versions; undefined where none does, or several, which is noted. */
const findSequence = (
  target: TableContract,
  doc: DeleteDocument,
  at: KeyPath,
  check: Check,
): string | undefined => {
  const { table, key, sequence } = target;
  const [column, ...more] = sequence;
  if (more.length > 0) {
    check.refuse(at, `got a table with the sequence [${sequence.join(' ')}], allowed one column`, 'key');
    return undefined;
  }
  const isInKey = column !== undefined && key.includes(column);
  if (doc.sequence === undefined && column !== undefined && !isInKey)
    check.refuse(
      [...at, 'sequence'],
      `is missing, allowed the path to when the row was deleted: ${table} keeps its versions in the order of ${column}`,
      'key',
    );
  if (doc.sequence !== undefined && column === undefined)
    check.refuse(
      [...at, 'sequence'],
      `allowed where the table has a sequence: versions of ${table} are in the order of the batches, and so are its tombstones`,
      'key',
    );
  if (doc.sequence !== undefined && isInKey)
    check.refuse([...at, 'sequence'], `allowed in match alone: ${column} is of the key of ${table}`, 'key');
  return column;
};

const isFixed = ({ source }: ColumnContract): boolean => source.kind === 'value';

/** Whether `match` names the target's key columns and no other; a fixed text of the feed's may be left out, as it is the same here. */
const checkMatch = (
  { table, key, columns }: TableContract,
  doc: DeleteDocument,
  at: KeyPath,
  check: Check,
): void => {
  const allowed = `the key columns of ${table}: ${key.join(' ')}`;
  const { match } = doc;
  if (match === undefined) {
    check.refuse([...at, 'match'], `is missing, allowed ${allowed}, each with its path below rows`, 'key');
    return;
  }
  for (const name of Object.keys(match))
    if (!key.includes(name)) check.refuse([...at, 'match', name], `allowed ${allowed}`, 'key');
  const missing = columns.filter(
    (one) => key.includes(one.name) && !isFixed(one) && !Object.hasOwn(match, one.name),
  );
  if (missing.length > 0)
    check.refuse(
      [...at, 'match'],
      `has no ${missing.map(({ name }) => name).join(', ')}, allowed ${allowed}`,
      'key',
    );
};

/** The target's columns that tombstones have, with paths of their own: the same text is the same value in both. */
const toColumns = (
  target: TableContract,
  doc: DeleteDocument,
  rows: Path,
  at: KeyPath,
  { doc: { namespaces = {} }, tables, check }: DeleteContext,
): readonly ColumnContract[] => {
  const rowsAbove = tables.map((table) => parsePath(table.rows));
  const read = (name: string, path: KeyPath, text: string | undefined): readonly ColumnContract[] => {
    const column = target.columns.find((one) => one.name === name);
    if (column === undefined) return [];
    if (text === undefined) return isFixed(column) ? [column] : [];
    const paths = check.attempt(path, () => readColumnPaths(text, { rows, rowsAbove, namespaces }));
    const source = { kind: 'path' as const, path: (paths ?? []).map((one) => one.text).join(' | ') };
    return [{ ...column, source, required: true }];
  };
  const sequence = target.sequence.filter((name) => !target.key.includes(name));
  return [
    ...target.key.flatMap((name) => read(name, [...at, 'match', name], doc.match?.[name])),
    ...sequence.flatMap((name) => read(name, [...at, 'sequence'], doc.sequence)),
  ];
};

/** Keys that say something of tombstones say nothing without them. */
const refuseWithoutRows = (doc: DeleteDocument, at: KeyPath, check: Check): undefined => {
  for (const key of ['match', 'sequence'] as const)
    if (doc[key] !== undefined)
      check.refuse([...at, key], 'allowed beside rows, which says what is gone', 'key');
  if (doc.compareKeys === undefined)
    check.refuse(
      at,
      'has neither rows nor compareKeys, allowed rows, where documents say what is gone, or a listing of all keys',
      'key',
    );
};

const resolveOne = (name: string, doc: DeleteDocument, context: DeleteContext): TableContract | undefined => {
  const { check } = context;
  const at: KeyPath = ['deletes', name];
  const target = findTarget(name, context);
  if (target === undefined) return undefined;
  const { mode = 'delete', rows: written } = doc;
  if (mode === 'mark' && target.columns.some((column) => column.name === MARK))
    check.refuse(
      [...at, 'mode'],
      `got mark, which adds the column ${MARK} to ${name}, allowed where that has none`,
    );
  if (written === undefined) return refuseWithoutRows(doc, at, check);
  const rows = check.attempt([...at, 'rows'], () => readRows(written, target, context));
  const sequence = findSequence(target, doc, at, check);
  checkMatch(target, doc, at, check);
  if (rows === undefined) return undefined;
  return {
    table: tombstonesName(target.table),
    schema: target.schema,
    name: tombstonesName(target.name),
    rows: rows.text,
    disposition: target.disposition,
    key: [...target.key],
    sequence: sequence === undefined ? [] : [sequence],
    deletes: { table: target.table, mode },
    columns: [...toColumns(target, doc, rows, at, context)],
  };
};

/** The feed's tombstones, in file order; those whose problems are noted are not to be used. */
export const resolveDeletes = (
  doc: FeedDocument,
  tables: readonly TableContract[],
  check: Check,
): readonly TableContract[] =>
  Object.entries(doc.deletes ?? {}).flatMap(
    ([name, written]) => resolveOne(name, written, { doc, tables, check }) ?? [],
  );
