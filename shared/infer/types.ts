import { MOST_DECIMALS, MOST_DIGITS } from '../model/column-type.ts';
import { LONGEST_TEXT_BYTES } from '../values/text.ts';
import type { Values } from './values.ts';

/** The smallest type that holds all values of a path, with room for more. */
export interface InferredType {
  readonly type: string;
  /** Options that go with it, as they are written. */
  readonly options: Readonly<Record<string, string | boolean>>;
}

/** Room of a number beyond the digits that were met. */
const WHOLE_ROOM = 4;
const FRACTION_ROOM = 2;
const LEAST_VARCHAR = 32;
/** How much longer a text may become than the longest of a sample; of a few rows the longest says little. */
const ROOM = 1.25;
const ROOM_OF_FEW = 2;
const FEW = 100;

/** A power of two with room, or varchar(max). */
export const varcharFor = (bytes: number, rows: number): InferredType => {
  const wanted = bytes * (rows < FEW ? ROOM_OF_FEW : ROOM);
  let length = LEAST_VARCHAR;
  while (length < wanted) length *= 2;
  if (length <= LONGEST_TEXT_BYTES) return { type: `varchar(${length})`, options: {} };
  return { type: 'varchar(max)', options: bytes > LONGEST_TEXT_BYTES ? { truncate: true } : {} };
};

const decimalFor = ({ whole, fraction }: Values): string | undefined => {
  const scale = Math.min(fraction + FRACTION_ROOM, MOST_DECIMALS);
  const precision = whole + WHOLE_ROOM + scale;
  return precision <= MOST_DIGITS ? `decimal(${precision},${scale})` : undefined;
};

/** Such names are of versions: 1.10 is another one than 1.1. */
const VERSION = /version|release|revision|^ver$|^rev$/i;

const only = (type: string): InferredType => ({ type, options: {} });

/** The type of a path's values; `name` is that of its last step. */
export const typeOf = (values: Values, name: string): InferredType => {
  const is = new Set(values.filled === 0 ? [] : values.kinds);
  if (is.has('boolean')) return only('boolean');
  if (is.has('date')) return only('date');
  if (is.has('timestamptz')) return only('timestamptz');
  if (is.has('timestamp')) return only('timestamp');
  if (is.has('rfc822')) return { type: 'timestamptz', options: { format: 'rfc822' } };
  if (!VERSION.test(name)) {
    if (is.has('integer')) return only('bigint');
    const decimal = is.has('decimal') && values.fraction > 0 ? decimalFor(values) : undefined;
    if (decimal !== undefined) return only(decimal);
    if (is.has('double') && !is.has('integer')) return only('double precision');
  }
  return varcharFor(values.mostBytes, values.filled);
};
