import { addColumns, type Pending } from './add-columns.ts';
import { toPlural } from './evidence.ts';
import { findCursor, findKeys, tellKey } from './keys.ts';
import { type Namer, newColumnNamer, newNamer, toSnake } from './names.ts';
import { type ElementPlace, type Shape, showPath } from './shape.ts';
import type { InferredTable } from './table.ts';

/** Records to tables: a table for each kind of record, and one for what repeats in it. */

/** How large a feed may be; a load has limits. */
export interface Budget {
  readonly tables: number;
  readonly columns: number;
}

export interface InferredTables {
  /** Parents before their children, each followed by its own. */
  readonly tables: readonly InferredTable[];
  /** What no column reads, and why. */
  readonly notes: readonly string[];
}

interface Build {
  readonly shape: Shape;
  readonly schema: string;
  readonly budget: Budget;
  readonly nameTable: Namer;
  readonly tables: InferredTable[];
  readonly notes: string[];
  /** Elements that get a table of their own. */
  readonly allowed: ReadonlySet<ElementPlace>;
  readonly wanted: ElementPlace[];
}

export const buildTables = (
  shape: Shape,
  records: readonly ElementPlace[],
  schema: string,
  budget: Budget,
): InferredTables => {
  const all = build(shape, records, schema, budget, undefined);
  if (all.tables.length <= budget.tables) return all;
  return build(shape, records, schema, budget, chooseTables(all.tables, budget.tables));
};

/** The records' tables first, then those of their lists with most rows; a list in a list that has none has none. */
const chooseTables = (tables: readonly InferredTable[], most: number): ReadonlySet<ElementPlace> => {
  const chosen = new Set<ElementPlace>();
  const rank = (table: InferredTable): number => (table.parent === undefined ? 0 : 1 + rank(table.parent));
  const order = [...tables].sort((a, b) => rank(a) - rank(b) || b.place.count - a.place.count);
  for (const { place, parent } of order) {
    if (chosen.size < most && (parent === undefined || chosen.has(parent.place))) chosen.add(place);
  }
  return chosen;
};

const build = (
  shape: Shape,
  records: readonly ElementPlace[],
  schema: string,
  budget: Budget,
  chosen: ReadonlySet<ElementPlace> | undefined,
): InferredTables => {
  const b: Build = {
    shape,
    schema,
    budget,
    nameTable: newNamer([], 'records'),
    tables: [],
    notes: [],
    allowed: chosen ?? new Set(),
    wanted: [],
  };
  for (const place of records) {
    if (chosen === undefined || chosen.has(place)) addTable(b, place, place, undefined, chosen === undefined);
    else
      b.notes.push(
        `${showPath(place)}: ${toPlural(place.count, 'record')} of another kind, over the ${budget.tables} tables of one feed`,
      );
  }
  return { tables: b.tables, notes: b.notes };
};

const addTable = (
  b: Build,
  place: ElementPlace,
  record: ElementPlace,
  parent: InferredTable | undefined,
  isAllowed: boolean,
): void => {
  const nameColumn = newColumnNamer();
  const table: InferredTable = {
    name: `${b.schema}.${nameTable(b, place, record)}`,
    place,
    parent,
    inherited: [],
    ordinal: parent === undefined ? undefined : nameColumn.give(['position']),
    columns: [],
    key: [],
    keySays: '',
    sequence: undefined,
    sequenceSays: '',
  };
  const pending: Pending[] = [];
  const mayHaveTable = (child: ElementPlace): boolean => isAllowed || b.allowed.has(child);
  addColumns({ shape: b.shape, record, table, nameColumn, mayHaveTable, pending, notes: b.notes });
  const excess = table.columns.splice(b.budget.columns);
  if (excess.length > 0)
    b.notes.push(
      `${showPath(place)}: ${toPlural(excess.length, 'value')} more, over the ${b.budget.columns} columns of one table`,
    );
  if (parent !== undefined) table.inherited = inherit(parent, nameColumn);
  addKey(b, table);
  b.tables.push(table);
  for (const child of pending) addTable(b, child.place, record, table, isAllowed);
};

/** The parent's key under its own name, or under one that says whose it is. */
const inherit = ({ key, place }: InferredTable, nameColumn: Namer): InferredTable['inherited'] =>
  key.map((name) => {
    const isClear = name.includes('_') && !nameColumn.isTaken(name);
    return { child: nameColumn.give(isClear ? [name] : [place.local, name]), parent: name };
  });

const nameTable = ({ nameTable: name }: Build, place: ElementPlace, record: ElementPlace): string =>
  place === record || toSnake(place.local) !== toSnake(record.local)
    ? name.give([place.local])
    : name.give([record.local, place.local]);

const addKey = ({ shape }: Build, table: InferredTable): void => {
  if (table.parent === undefined) {
    const keys = findKeys(table);
    table.key = keys.slice(0, 1).map(({ name }) => name);
    table.keySays = tellKey(keys, table.place.count, shape.pool);
    const cursor = findCursor(table);
    table.sequence = cursor?.name;
    const rows = table.place.count;
    table.sequenceSays = rows === 1 ? 'in the only row' : `in each of ${toPlural(rows, 'row')}`;
  } else if (table.inherited.length > 0 && table.ordinal !== undefined) {
    table.key = [...table.inherited.map(({ child }) => child), table.ordinal];
  }
};
