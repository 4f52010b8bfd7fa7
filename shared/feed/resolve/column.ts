import { InvalidInput } from '../../errors.ts';
import { toColumnTyper } from '../../values/column-typer.ts';
import { parseColumnType, printColumnType } from '../column-type.ts';
import type { ColumnContract, ColumnSource, ColumnType } from '../contract.ts';
import type { ColumnDocument } from '../document/table.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Path } from '../path.ts';
import { compileTimeFormat } from '../time-format.ts';
import type { Check } from './check.ts';
import type { Namespaces } from './paths.ts';
import { haveOtherRoots, readPath, startsWith } from './paths.ts';

/** A column as it is written, short or long, to a column of the contract. */

export interface ColumnContext {
  readonly rows: Path;
  /** Rows of the tables above: what lies below them is no envelope. */
  readonly rowsAbove: readonly Path[];
  readonly isChild: boolean;
  readonly namespaces: Namespaces;
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

/** The path without its quoted values, in which a bar means nothing. */
const refuseAlternatives = (path: string): void => {
  if (path.replace(/'[^']*'|"[^"]*"/g, '').includes('|')) {
    throw new InvalidInput(`got '${path}': alternatives with | are not supported yet`);
  }
};

const readSourcePath = (text: string, { rows, rowsAbove, namespaces }: ColumnContext): ColumnSource => {
  refuseAlternatives(text);
  const path = readPath(text, namespaces);
  if (path.ups >= rows.steps.length) {
    throw new InvalidInput(
      `got '${text}', allowed at most ${rows.steps.length - 1} times '..' below ${rows.text}`,
    );
  }
  const around = [rows, ...rowsAbove].find((other) => path.isAbsolute && startsWith(path, other));
  if (around !== undefined) {
    throw new InvalidInput(
      `got '${text}', allowed a path relative to the rows ${rows.text}, or one of the envelope around ${around.text}`,
    );
  }
  if (path.isAbsolute && haveOtherRoots(path, rows, namespaces)) {
    throw new InvalidInput(`got '${text}', allowed a path from the root of the rows ${rows.text}`);
  }
  return { kind: 'path', path: text };
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
  ...(doc.format === undefined ? {} : { format: doc.format }),
});

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
  const isFormat = format === undefined || check.attempt([...at, 'format'], () => compileTimeFormat(format));
  const source =
    doc.ordinal === true
      ? resolveOrdinal(doc, type, at, context)
      : check.attempt(place('path'), () => readSourcePath(doc.path ?? name, context));
  if (source === undefined || isFormat === undefined) return undefined;
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
