import { parseColumnType, printColumnType } from '../../model/column-type.ts';
import type { ColumnContract, ColumnSource, ColumnType } from '../../model/contract.ts';
import type { Path } from '../../model/path.ts';
import { toColumnTyper } from '../../values/column-typer.ts';
import { compileTimeFormat } from '../../values/time-format.ts';
import type { ColumnDocument } from '../document/table.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import type { PathContext } from './column-path.ts';
import { readColumnPath } from './column-path.ts';

/** A column as it is written, short or long, to a column of the contract. */

export interface ColumnContext extends PathContext {
  readonly isChild: boolean;
  /** Whether the column must have a value: key, cursor and sequence columns must. */
  readonly isNeeded: boolean;
  readonly check: Check;
}

/** `TYPE [<- PATH]`. */
const parseShort = (text: string): ColumnDocument => {
  const arrow = text.indexOf('<-');
  if (arrow < 0) return { type: text };
  return { type: text.slice(0, arrow).trim(), path: text.slice(arrow + 2).trim() };
};

const isText = (type: ColumnType): boolean => type.kind === 'char' || type.kind === 'varchar';
const isTime = (type: ColumnType): boolean => ['date', 'timestamp', 'timestamptz'].includes(type.kind);

/** Options that say nothing for a type, or against each other: message and key by rule. */
const checkOptions = (
  doc: ColumnDocument,
  type: ColumnType,
  at: KeyPath,
  { check, isNeeded }: ColumnContext,
): void => {
  const shown = printColumnType(type);
  const refuse = (key: keyof ColumnDocument, message: string): void => check.refuse([...at, key], message);
  if (doc.truncate === true && !isText(type))
    refuse('truncate', `got type ${shown}, allowed for char and varchar`);
  if (doc.truncate === true && doc.many === 'json')
    refuse('truncate', 'got many: json, allowed without it: JSON that is cut is none');
  if (doc.format !== undefined && !isTime(type))
    refuse('format', `got type ${shown}, allowed for date, timestamp and timestamptz`);
  if (doc.separator !== undefined && doc.many !== 'join') refuse('separator', 'allowed with many: join only');
  if (doc.many === 'join' && !isText(type))
    refuse('many', `join: got type ${shown}, allowed for char and varchar`);
  if (doc.many === 'json' && type.kind !== 'super' && type.kind !== 'varchar') {
    refuse('many', `json: got type ${shown}, allowed for super and varchar`);
  }
  if (doc.empty === 'keep' && !isText(type) && type.kind !== 'super') {
    refuse('empty', `keep: got type ${shown}, allowed for char, varchar and super`);
  }
  if (isNeeded && doc.required === false)
    refuse('required', 'false: key, cursor and sequence columns always have a value');
  if ((isNeeded || doc.required === true) && doc.onError === 'setNull') {
    refuse('onError', 'setNull: allowed for columns that are not required');
  }
};

const resolveType = (doc: ColumnDocument, at: KeyPath, { check }: ColumnContext): ColumnType | undefined => {
  const { type } = doc;
  if (type !== undefined) return check.attempt(at, () => parseColumnType(type));
  if (doc.ordinal === true) return { kind: 'integer' };
  check.refuse([...at, 'type'], 'is missing, allowed a type such as varchar(64)', 'key');
  return undefined;
};

const resolveOrdinal = (
  doc: ColumnDocument,
  type: ColumnType,
  at: KeyPath,
  { isChild, check }: ColumnContext,
): ColumnSource => {
  const other = Object.keys(doc).find((key) => key !== 'ordinal' && key !== 'type');
  if (other !== undefined) check.refuse([...at, other], 'allowed no key but type beside ordinal', 'key');
  if (!isChild) check.refuse([...at, 'ordinal'], 'allowed in child tables: a record is one row');
  if (!['smallint', 'integer', 'bigint'].includes(type.kind))
    check.refuse([...at, 'type'], `got ${printColumnType(type)}, allowed smallint integer bigint`);
  return { kind: 'ordinal' };
};

const toSource = ({ text }: Path): ColumnSource => ({ kind: 'path', path: text });

const toContract = (
  name: string,
  doc: ColumnDocument,
  type: ColumnType,
  source: ColumnSource,
  isNeeded: boolean,
): ColumnContract => ({
  name,
  type,
  source,
  // many: map is refused by name before.
  many: doc.many === undefined || doc.many === 'map' ? 'reject' : doc.many,
  separator: doc.separator ?? ',',
  trim: doc.trim ?? true,
  empty: doc.empty ?? 'setNull',
  ...(doc.default === undefined ? {} : { default: doc.default }),
  required: isNeeded || doc.required === true,
  truncate: doc.truncate ?? false,
  onError: doc.onError ?? 'reject',
  ...(isAuto(doc.format) ? {} : { format: doc.format }),
});

/** `auto` is the reading without a format; both are one contract. */
const isAuto = (format: string | undefined): format is 'auto' | undefined =>
  format === undefined || format === 'auto';

/** Whether the format is one, and one of the column's type. */
const checkFormat = (format: string, type: ColumnType, at: KeyPath, check: Check): boolean => {
  const compiled = check.attempt(at, () => compileTimeFormat(format));
  if (compiled === undefined) return false;
  // Every row would be rejected for it.
  if (type.kind === 'timestamptz' && !compiled.hasOffset) {
    check.refuse(
      at,
      `got '${format}' without an offset from UTC, allowed one with Z, X or x, or a closing 'Z' in quotes; or type timestamp`,
    );
  }
  return true;
};

/** The column, or undefined when its problems are noted. */
export const resolveColumn = (
  name: string,
  written: string | ColumnDocument,
  at: KeyPath,
  context: ColumnContext,
): ColumnContract | undefined => {
  const { check, isNeeded } = context;
  const doc = typeof written === 'string' ? parseShort(written) : written;
  const place = (key: 'type' | 'path'): KeyPath =>
    typeof written === 'object' && key in written ? [...at, key] : at;
  const type = resolveType(doc, place('type'), context);
  if (type === undefined) return undefined;
  checkOptions(doc, type, at, context);
  const { format } = doc;
  const isFormat = isAuto(format) || checkFormat(format, type, [...at, 'format'], check);
  const source =
    doc.ordinal === true
      ? resolveOrdinal(doc, type, at, context)
      : check.attempt(place('path'), () => toSource(readColumnPath(doc.path ?? name, context)));
  if (source === undefined || !isFormat) return undefined;
  const column = toContract(name, doc, type, source, isNeeded);
  // The typer refuses a default that is not of the column's type.
  if (doc.default !== undefined) check.attempt([...at, 'default'], () => toColumnTyper(column));
  return column;
};

/** A child's copy of a parent's column. */
export const inheritColumn = (name: string, parent: ColumnContract): ColumnContract => ({
  name,
  type: parent.type,
  source: { kind: 'parent', column: parent.name },
  many: 'reject',
  separator: ',',
  trim: true,
  empty: 'setNull',
  required: parent.required,
  truncate: false,
  onError: 'reject',
});
