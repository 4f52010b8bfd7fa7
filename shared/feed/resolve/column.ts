import type { WrittenColumn } from '../../columns/option.ts';
import { OPTIONS } from '../../columns/registry.ts';
import { toColumnTyper } from '../../columns/way.ts';
import { parseColumnType, printColumnType } from '../../model/column-type.ts';
import {
  type ColumnContract,
  type ColumnSource,
  type ColumnType,
  columnContract,
} from '../../model/contract.ts';
import type { Path } from '../../model/path.ts';
import type { ColumnDocument } from '../document/table.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import type { PathContext } from './column-path.ts';
import { readColumnPaths, readPathBelow } from './column-path.ts';

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

/** The column to the options' eyes. */
const toWritten = (doc: ColumnDocument, type: ColumnType, isNeeded: boolean): WrittenColumn => {
  const written: Readonly<Record<string, unknown>> = doc;
  return {
    type,
    isNeeded,
    get: ({ key, schema }) => (written[key] === undefined ? undefined : schema.parse(written[key])),
  };
};

/** Options that say nothing for a type, or against each other. Gives whether all is well. */
const checkOptions = (doc: ColumnDocument, column: WrittenColumn, at: KeyPath, check: Check): boolean => {
  const written: Readonly<Record<string, unknown>> = doc;
  const problems = OPTIONS.flatMap((option) =>
    option.check(written[option.key], column).map((message) => ({ key: option.key, message })),
  );
  for (const { key, message } of problems) check.refuse([...at, key], message);
  return problems.length === 0;
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

/** Keys that say how places of a document are read: a text of the feed's own has none. */
const OF_PLACES = ['path', 'as', 'many', 'separator', 'keyPath', 'valuePath', 'split'] as const;

/** A text of the feed's own; what its variables are is looked at once the feed is known. */
const resolveValue = (doc: ColumnDocument, text: string, at: KeyPath, check: Check): ColumnSource => {
  for (const key of OF_PLACES)
    if (doc[key] !== undefined) check.refuse([...at, key], 'not allowed beside value', 'key');
  return { kind: 'value', template: text };
};

/** Types a fixed text once, as each row will: else every row would be a reject. */
const checkValue = (contract: ColumnContract, at: KeyPath, check: Check): void => {
  const { source } = contract;
  if (source.kind !== 'value') return;
  const typed = toColumnTyper(contract)(source.template);
  if (typed !== null && typeof typed !== 'string') check.refuse([...at, 'value'], typed.reason);
};

const toSource = (paths: readonly Path[]): ColumnSource => ({
  kind: 'path',
  path: paths.map(({ text }) => text).join(' | '),
});

/** What `many: map` reads of each match. */
const checkMap = (doc: ColumnDocument, at: KeyPath, { check, namespaces }: ColumnContext): void => {
  for (const key of ['keyPath', 'valuePath'] as const) {
    const text = doc[key];
    if (text !== undefined) check.attempt([...at, key], () => readPathBelow(text, namespaces));
    else if (doc.many === 'map') check.refuse([...at, 'many'], `map: got no ${key}, allowed with it`);
  }
};

const toContract = (
  name: string,
  doc: ColumnDocument,
  source: ColumnSource,
  column: WrittenColumn,
): ColumnContract => {
  const written: Readonly<Record<string, unknown>> = doc;
  const kept = OPTIONS.map(({ key, keep }) => [key, keep(written[key], column)] as const);
  return columnContract.parse({
    name,
    type: column.type,
    source,
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
  });
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
  const column = toWritten(doc, type, isNeeded);
  const isRight = checkOptions(doc, column, at, check);
  checkMap(doc, at, context);
  const source =
    doc.ordinal === true
      ? resolveOrdinal(doc, type, at, context)
      : doc.value !== undefined
        ? resolveValue(doc, doc.value, at, check)
        : check.attempt(place('path'), () => toSource(readColumnPaths(doc.path ?? name, context)));
  if (source === undefined) return undefined;
  const contract = toContract(name, doc, source, column);
  // The typer refuses a default that is not of the column's type.
  if (isRight && doc.default !== undefined) check.attempt([...at, 'default'], () => toColumnTyper(contract));
  if (isRight && source.kind === 'value' && !source.template.includes('${'))
    check.attempt([...at, 'value'], () => checkValue(contract, at, check));
  return contract;
};

/** A child's copy of a parent's column: options of its own would change nothing in it. */
export const inheritColumn = (name: string, parent: ColumnContract): ColumnContract =>
  toContract(name, {}, { kind: 'parent', column: parent.name }, toWritten({}, parent.type, parent.required));
