import { InvalidInput } from '../../errors.ts';
import { printColumnType } from '../../model/column-type.ts';
import type { ColumnContract, TableContract } from '../../model/contract.ts';
import { parsePath } from '../../model/path.ts';
import { dispositionOf } from '../../sql/dispositions/registry.ts';
import type { TableDocument } from '../document/table.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { inheritColumn } from './column.ts';
import { absolutePaths, isBelow } from './paths.ts';

/** Which table a child table lies below, and which of its columns are the parent's. */

export interface Parent {
  readonly table: TableContract;
  /** In the order of the parent's key. */
  readonly columns: readonly { readonly child: string; readonly parent: string }[];
}

/** A table whose rows its key tells apart; a child that has only its parent's key can be no parent by key. */
const hasOwnKey = (table: TableContract): boolean => table.key.length > (table.parent?.columns.length ?? 0);

const listKeys = (above: readonly TableContract[]): string =>
  above
    .filter(hasOwnKey)
    .map((table) => `${table.table} [${table.key.join(' ')}]`)
    .join(', ');

/** The short form: the nearest table above whose key is exactly the columns named, or that has no key but all of them. */
export const findParentByKey = (
  named: Readonly<Record<string, string>>,
  above: readonly TableContract[],
): Parent => {
  const wanted = Object.values(named);
  const table = above.findLast((candidate) => {
    if (candidate.key.length === 0)
      return wanted.every((name) => candidate.columns.some((column) => column.name === name));
    return (
      hasOwnKey(candidate) &&
      candidate.key.length === wanted.length &&
      candidate.key.every((name) => wanted.includes(name))
    );
  });
  if (table === undefined || wanted.length === 0) {
    throw new InvalidInput(
      `got [${wanted.join(' ')}], allowed all key columns of a table above: ${listKeys(above) || 'there is none'}`,
    );
  }
  const order = (name: string): number => table.columns.findIndex((column) => column.name === name);
  const rank = (name: string): number => (table.key.length > 0 ? table.key.indexOf(name) : order(name));
  const columns = Object.entries(named).map(([child, parent]) => ({ child, parent }));
  return { table, columns: columns.sort((a, b) => rank(a.parent) - rank(b.parent)) };
};

/** The long form: the nearest table above whose rows these rows lie below. */
export const findParentByRows = (rows: string, above: readonly TableContract[]): TableContract | undefined =>
  above
    .filter((table) => isBelow(parsePath(rows), parsePath(table.rows)))
    .sort((a, b) => parsePath(a.rows).steps.length - parsePath(b.rows).steps.length)
    .at(-1);

/** Where a column's value stands in the document; undefined for ordinals and fixed texts. */
const placeOf = (
  column: ColumnContract,
  table: TableContract,
  tables: readonly TableContract[],
): string | undefined => {
  const { source } = column;
  if (source.kind === 'path') return absolutePaths(parsePath(table.rows), source.path);
  if (source.kind === 'ordinal' || source.kind === 'value') return undefined;
  const parent = tables.find((candidate) => candidate.table === table.parent?.table);
  const above = parent?.columns.find((candidate) => candidate.name === source.column);
  return parent === undefined || above === undefined ? undefined : placeOf(above, parent, tables);
};

/** The child's own columns at the head of its key that are the parent's key columns. Throws InvalidInput when they are not. */
export const matchParentKey = (
  child: Pick<TableContract, 'rows' | 'columns' | 'key'>,
  parent: TableContract,
  tables: readonly TableContract[],
): Parent => {
  const columns = parent.key.map((name, index) => {
    const above = parent.columns.find((column) => column.name === name);
    const own = child.columns.find((column) => column.name === child.key[index]);
    const place = above && placeOf(above, parent, tables);
    if (above === undefined || place === undefined) {
      throw new InvalidInput(
        `the key column ${name} of ${parent.table} has no path, allowed the short form with parent: { ${name}: ${name} }`,
      );
    }
    const isSame =
      own?.source.kind === 'path' && absolutePaths(parsePath(child.rows), own.source.path) === place;
    if (own === undefined || !isSame) {
      throw new InvalidInput(
        `got [${child.key.join(' ')}], allowed first the columns that read the key of ${parent.table}: ${place} as number ${index + 1}`,
      );
    }
    if (printColumnType(own.type) !== printColumnType(above.type)) {
      throw new InvalidInput(
        `got ${own.name} of type ${printColumnType(own.type)}, allowed that of ${parent.table}.${name}: ${printColumnType(above.type)}`,
      );
    }
    return { child: own.name, parent: name };
  });
  return { table: parent, columns };
};

/** The columns with those of the parent's key as copies of the parent's. */
export const withInherited = (
  columns: readonly ColumnContract[],
  parent: Parent,
): readonly ColumnContract[] => {
  const inherited = parent.columns.flatMap(({ child, parent: name }) => {
    const above = parent.table.columns.find((column) => column.name === name);
    return above === undefined ? [] : [inheritColumn(child, above)];
  });
  const isOwn = (column: ColumnContract): boolean => columns.some((own) => own.name === column.name);
  const replaced = columns.map((column) => inherited.find((one) => one.name === column.name) ?? column);
  return [...inherited.filter((column) => !isOwn(column)), ...replaced];
};

/** What a child has from its parent and must not say otherwise. */
export const checkInherited = (
  doc: TableDocument,
  parent: TableContract,
  at: KeyPath,
  check: Check,
): void => {
  if (dispositionOf(parent).keepsVersions) {
    check.refuse(
      [...at, 'rows'],
      `lies below ${parent.table}, which is ${parent.disposition}: each version would need rows of its own; allowed are a column there, ` +
        'as in { path: PATH, type: super, as: json, many: json }, or a feed of its own for these rows',
    );
  }
  if (doc.disposition !== undefined && doc.disposition !== parent.disposition) {
    check.refuse(
      [...at, 'disposition'],
      `got ${doc.disposition}, allowed ${parent.disposition}, as the parent ${parent.table} has it`,
    );
  }
  if (doc.sequence !== undefined)
    check.refuse(
      [...at, 'sequence'],
      `allowed in ${parent.table} only: children go with their parent's version`,
      'key',
    );
};
