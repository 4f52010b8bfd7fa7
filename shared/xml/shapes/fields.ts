import { type ColumnCopy, toColumnCopy } from '../../columns/way.ts';
import type { Contract } from '../../model/contract.ts';
import type { ColumnMatcher, Matcher, Target } from '../matcher-shape.ts';
import type {
  DirectRow,
  FieldPlan,
  HoldingPlan,
  HolePair,
  RowPlan,
  Shape,
  SlotPlan,
  Source,
} from './shape.ts';

/** What the fields of a shape's rows are made of is worked out once, from the document's contract: most are a text of the record as it stands. */
export interface FieldPlanning {
  readonly matcher: Matcher;
  readonly contract: Contract;
  readonly valueText: (template: string) => string;
  /** How the columns of its tables are copied, worked out once for all shapes. */
  readonly copies: Map<ColumnMatcher, ColumnCopy | undefined>;
}

interface Planning extends FieldPlanning {
  readonly shape: Shape;
  readonly rows: DirectRow[];
}

/** Undefined where rows of the shape have to be made of their holdings: they hang on each other, or on predicates. */
export const toDirectRows = (planning: FieldPlanning, shape: Shape): readonly DirectRow[] | undefined => {
  const { matcher } = planning;
  const of: Planning = { ...planning, shape, rows: [] };
  if ([...shape.holdings, ...shape.rows].some(({ isDropped }) => isDropped)) return undefined;
  if (shape.rows.some(({ table }) => !mayBeHashed(of, table))) return undefined;
  for (const plan of shape.rows) {
    const table = matcher.tables[plan.table];
    if (table === undefined || table.isTombstones) return undefined;
    const parent = table.parent === undefined ? undefined : parentOf(of, plan, table.parent);
    if (parent === -1) return undefined;
    const ordinal =
      1 + of.rows.filter((row) => row.plan.table === plan.table && row.parent === parent).length;
    const count = table.columns.length - (table.hash === undefined ? 0 : 1);
    const fields = Array.from({ length: count }, (_, index) =>
      toField(of, { plan, table, parent }, index, ordinal),
    );
    of.rows.push({ plan, table, parent, fields, isCounted: false });
  }
  return of.rows;
};

/** A hash is the last field, and is written once all rows are: of one root, whose row is open until then. */
const mayBeHashed = ({ matcher, shape }: Planning, index: number): boolean => {
  const table = matcher.tables[index];
  if (table?.hash === undefined) return true;
  const roots = shape.rows.filter((row) => matcher.tables[row.table]?.parent === undefined);
  return roots.length === 1 && table.hash.column === table.columns.length - 1;
};

/** The index of the row around it that is its parent; -1 where there is none in the record. */
const parentOf = ({ matcher, shape, rows }: Planning, { holding }: RowPlan, table: number): number => {
  const at = holdingAt(shape, holding, matcher.tables[table]?.holder ?? -1);
  return rows.findIndex(({ plan }) => plan.table === table && plan.holding === at);
};

/** The index of the holding of a holder at or around another; undefined where it lies around the record. */
const holdingAt = ({ holdings }: Shape, from: number, holder: number): number | undefined => {
  let at: number | undefined = from;
  while (at !== undefined && holdings[at]?.holder !== holder) at = holdings[at]?.up;
  return at;
};

const toField = (
  planning: Planning,
  { plan, table, parent }: Pick<DirectRow, 'plan' | 'table' | 'parent'>,
  index: number,
  ordinal: number,
): FieldPlan => {
  const column = table.columns[index];
  if (column === undefined) throw new Error(`no column ${index}`);
  const { source } = column;
  if (source.kind === 'ordinal') return sameOf(column, String(ordinal));
  if (source.kind === 'value') return sameOf(column, planning.valueText(source.template));
  if (source.kind === 'hash') throw new Error('a hash has no field');
  if (source.kind === 'parent') {
    const field = planning.rows[parent ?? -1]?.fields[source.column];
    if (field === undefined) throw new Error(`no parent column ${source.column}`);
    return field;
  }
  const places = source.alternatives.map((target) => placeAt(planning.shape, plan.holding, target));
  const [place] = places;
  const first = place !== undefined && 'sources' in place ? place : undefined;
  const isAlone = places.length === 1 && (first !== undefined || place === undefined);
  if (isAlone && first === undefined) return sameOf(column, undefined);
  const copy = copyOf(planning, column, plan.table, index);
  const pairs = isAlone && copy?.object !== undefined ? toPairs(first?.sources ?? []) : undefined;
  const hole = isAlone && first?.sources.length === 1 ? first.sources[0] : undefined;
  if (pairs !== undefined) return { ...NOTHING, kind: 'found', column, places, copy, pairs };
  if (typeof hole !== 'number') return { ...NOTHING, kind: 'found', column, places };
  return { ...NOTHING, kind: 'hole', column, hole, isList: first?.isList === true, copy };
};

const copyOf = (
  { copies, contract }: Planning,
  column: ColumnMatcher,
  table: number,
  index: number,
): ColumnCopy | undefined => {
  if (copies.has(column)) return copies.get(column);
  const of = contract.tables[table]?.columns[index];
  const copy = of && toColumnCopy(of);
  copies.set(column, copy);
  return copy;
};

/** The holes of pairs that have one key each, and a value or none; undefined where one has something else. */
const toPairs = (sources: readonly Source[]): readonly HolePair[] | undefined => {
  const pairs: HolePair[] = [];
  for (const source of sources) {
    if (typeof source !== 'object' || source.keys.length !== 1 || source.values.length > 1) return undefined;
    const [key, value] = [source.keys[0], source.values[0]];
    if (typeof key !== 'number' || (value !== undefined && typeof value !== 'number')) return undefined;
    pairs.push({ key, value });
  }
  return pairs;
};

const NOTHING = {
  hole: -1,
  isList: false,
  copy: undefined,
  text: null,
  places: [],
  pairs: [],
} as const;

/** A value that is the same in all records of the shape, typed once; what rejects a row is typed, and told, with each. */
const sameOf = (column: ColumnMatcher, found: string | undefined): FieldPlan => {
  const typed = column.type(found);
  if (typed !== null && typeof typed !== 'string') {
    const always: SlotPlan | undefined =
      found === undefined ? undefined : { slot: -1, isList: false, sources: [found] };
    return { ...NOTHING, kind: 'found', column, places: [always] };
  }
  return { ...NOTHING, kind: 'same', column, text: typed };
};

const placeAt = (shape: Shape, holding: number, target: Target): SlotPlan | Target | undefined => {
  const at = holdingAt(shape, holding, target.holder);
  if (at === undefined) return target;
  const { slots, holes, others } = shape.holdings[at] as HoldingPlan;
  const single = slots.indexOf(target.slot);
  if (single < 0) return others.find(({ slot }) => slot === target.slot);
  return { slot: target.slot, isList: false, sources: [holes[single] ?? -1] };
};
