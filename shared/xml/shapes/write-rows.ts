import { dropRow, type RowBytes, writeValue } from '../../csv/row-bytes.ts';
import type { Found } from '../../values/found.ts';
import { type Emission, findAt, isInBounds, reject, textOf } from '../emission.ts';
import type { TableMatcher } from '../matcher-shape.ts';
import type { Holding, Row } from '../record.ts';
import type { RowFields } from '../row-sink.ts';
import { copyField } from './copy-field.ts';
import { type FieldPlanning, toDirectRows } from './fields.ts';
import {
  addNull,
  addWritten,
  beginRecordText,
  beginRowText,
  dropRowText,
  endRowText,
  type HashText,
  hashOfText,
  newHashText,
} from './hash-rows.ts';
import { placeOf, slotValue, textAt } from './holes.ts';
import type { DirectRow, FieldPlan, Shape } from './shape.ts';
import type { Shapes } from './shapes.ts';

/**
 * Writes the rows of a record that is read by a shape: what stands in its bytes as the column's value is copied into the file's, and
 * no string is made of it. Whatever else a value is goes the way of its column as a text.
 */

/** A document whose rows are written so, and what became of the rows of the record that is written, by their index. */
export interface Direct {
  readonly emission: Emission;
  readonly fields: RowFields;
  readonly planning: FieldPlanning;
  readonly states: Row['state'][];
  readonly numbers: number[];
  readonly hashText: HashText;
  readonly families: Map<TableMatcher, Buffer>;
}

export const newDirect = (emission: Emission, fields: RowFields): Direct => ({
  emission,
  fields,
  planning: {
    matcher: emission.matcher,
    contract: emission.options.contract,
    valueText: (template) => textOf(emission, template),
    copies: new Map(),
  },
  states: [],
  numbers: [],
  hashText: newHashText(),
  families: new Map(),
});

/** A record, and what stands around it. */
interface Read {
  readonly shapes: Shapes;
  readonly around: Holding | undefined;
  /** The line in which it begins. */
  readonly line: number;
}

/** Gives whether rows of the shape are written so: else nothing has been done. */
export const writeRows = (d: Direct, shape: Shape, read: Read): boolean => {
  shape.direct ??= toDirectRows(d.planning, shape) ?? false;
  const { direct } = shape;
  if (direct === false) return false;
  const hashed = direct[0]?.table.hash === undefined ? undefined : direct[0];
  if (hashed !== undefined) beginRecordText(d.hashText, familyOf(d, hashed));
  for (let index = 0; index < direct.length; index += 1) {
    const row = direct[index];
    if (row !== undefined) d.states[index] = writeWithParent(d, read, row, index, hashed);
  }
  if (hashed !== undefined && d.states[0] === 'given') {
    const { table } = hashed.plan;
    writeValue(d.fields.begin(table), hashOfText(d.hashText), d.fields.added + hashed.table.columns.length);
    d.fields.end(table, d.numbers[0] ?? 0, undefined);
  }
  return true;
};

/** A row whose parent's row was dropped or rejected is so too. */
const writeWithParent = (
  d: Direct,
  read: Read,
  row: DirectRow,
  index: number,
  hashed: DirectRow | undefined,
): Row['state'] => {
  const { emission: e } = d;
  if (row.parent === undefined) e.records += 1;
  else {
    const state = d.states[row.parent] ?? 'open';
    if (state === 'rejected') e.orphans += 1;
    if (state !== 'given') return state;
  }
  const { used, base } = e.options.rowNumbers;
  const { table } = row.plan;
  const n = (used[table] ?? 0) + 1;
  used[table] = n;
  const number = base + n;
  d.numbers[index] = number;
  const out = d.fields.begin(table);
  const hashText = hashed === undefined ? undefined : d.hashText;
  if (hashText !== undefined) beginRowText(hashText, table);
  const state = writeFields(d, read, row, out, number, hashText);
  if (state !== 'given') {
    dropRow(out);
    if (hashText !== undefined) dropRowText(hashText);
    return state;
  }
  if (hashText !== undefined) endRowText(hashText);
  e.rows[table] = (e.rows[table] ?? 0) + 1;
  // The root's row is ended with its hash.
  if (row !== hashed)
    d.fields.end(table, number, row.parent === undefined ? undefined : d.numbers[row.parent]);
  return state;
};

const writeFields = (
  { emission: e, fields: { added } }: Direct,
  read: Read,
  row: DirectRow,
  out: RowBytes,
  number: number,
  hashText: HashText | undefined,
): Row['state'] => {
  const { fields, table } = row;
  let cursor: string | null = null;
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as FieldPlan;
    const start = out.at;
    const isCopied =
      field.copy !== undefined && index !== table.cursor && copyField(read.shapes, out, field, field.copy);
    let value: string | null = '';
    if (!isCopied) {
      const typed = typeField(e, read, row, index, number);
      if (typed === undefined) return 'rejected';
      value = typed;
      if (index === table.cursor) cursor = value;
      writeValue(out, value, added + table.columns.length);
    }
    if (hashText !== undefined && table.hash?.ignored.includes(index) !== true) {
      if (value === null) addNull(hashText);
      else addWritten(hashText, out, start);
    }
  }
  if (!row.isCounted) {
    countMatched(e, row, fields.length);
    row.isCounted = true;
  }
  // The place of the hash itself.
  if (hashText !== undefined && table.hash !== undefined) addNull(hashText);
  if (table.cursor === undefined || isInBounds(e, cursor)) return 'given';
  e.outside += 1;
  return 'outside';
};

/** The value of a field that is no copy; undefined where it rejects the row. */
const typeField = (
  e: Emission,
  read: Read,
  row: DirectRow,
  index: number,
  number: number,
): string | null | undefined => {
  const field = row.fields[index] as FieldPlan;
  if (field.kind === 'same') return field.text;
  const found = find(e, read, field);
  if (found !== undefined) matchedOf(e, row)[index] = true;
  const value = field.column.type(found);
  if (value === null || typeof value === 'string') return value;
  countMatched(e, row, index);
  const place = placeOf(read.shapes, row.plan, read.line);
  reject(e, row.table, { table: row.plan.table, ...place }, number, field.column, found, value);
  return undefined;
};

const familyOf = ({ families }: Direct, { table }: DirectRow): Buffer => {
  const known = families.get(table);
  if (known !== undefined) return known;
  const family = Buffer.from(table.hash?.family ?? '');
  families.set(table, family);
  return family;
};

const matchedOf = (e: Emission, { plan }: DirectRow): boolean[] => e.matched[plan.table] ?? [];

/** Notes that the paths of the first so many fields match, where their texts may have been copied: of the others it is noted as they are typed. */
const countMatched = (e: Emission, row: DirectRow, fields: number): void => {
  const matched = matchedOf(e, row);
  for (let index = 0; index < fields; index += 1)
    if (row.fields[index]?.copy !== undefined) matched[index] = true;
};

const find = (e: Emission, read: Read, field: FieldPlan): Found | readonly Found[] | undefined => {
  if (field.kind === 'hole') {
    const text = textAt(read.shapes, field.hole);
    return field.isList ? [text] : text;
  }
  let first: Found | readonly Found[] | undefined;
  for (const place of field.places) {
    if (place === undefined) continue;
    const found =
      'sources' in place
        ? slotValue(read.shapes, place)
        : read.around && findAt(e, field.column, read.around, place);
    if (found === undefined) continue;
    if (field.places.length === 1 || field.column.isValue(found)) return found;
    first ??= found;
  }
  return first;
};
