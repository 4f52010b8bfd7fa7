import type { ColumnCopy } from '../../columns/way.ts';
import { endField, type RowBytes, reserve } from '../../csv/row-bytes.ts';
import { COMMA, IS_WRITTEN_OTHERWISE, QUOTE, SPACE } from '../plain/bytes.ts';
import type { HolePair } from './shape.ts';
import type { Shapes } from './shapes.ts';

/** A map as JSON from the bytes of its keys and values, within the quotes of CSV. */

const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const NULL = Buffer.from('null');

/** Bytes of a pair besides its texts at most, and of the braces in their quotes. */
const PAIR_BYTES = 10 + NULL.length;
const BRACES = 4;
/** Quotes of a string are doubled, and stand around all. */
const DOUBLED = 2;
/** Pairs whose keys are compared with each other. */
const MOST_PAIRS = 64;

/** Gives whether it was written: not where a text needs more than to be copied, or a key comes twice. */
export const copyObject = (
  shapes: Shapes,
  out: RowBytes,
  pairs: readonly HolePair[],
  options: NonNullable<ColumnCopy['object']>,
): boolean => {
  if (pairs.length > MOST_PAIRS || hasKeyTwice(shapes, pairs)) return false;
  reserve(out, BRACES + pairs.reduce((sum, pair) => sum + PAIR_BYTES + bytesOf(shapes, pair), 0));
  const { bytes, at: from } = out;
  let at = from;
  let strings = 0;
  bytes[at++] = QUOTE;
  bytes[at++] = OPEN_BRACE;
  for (const [index, { key, value }] of pairs.entries()) {
    if (index > 0) bytes[at++] = COMMA;
    at = copyString(shapes, bytes, at, key, options);
    if (at < 0) return false;
    bytes[at++] = COLON;
    strings += value === undefined ? 1 : 2;
    at = value === undefined ? at + NULL.copy(bytes, at) : copyString(shapes, bytes, at, value, options);
    if (at < 0) return false;
  }
  bytes[at++] = CLOSE_BRACE;
  bytes[at++] = QUOTE;
  if (at - from - DOUBLED * (1 + strings) > options.mostBytes) return false;
  endField(out, at);
  return true;
};

const lengthOf = ({ starts, ends }: Shapes, hole: number): number =>
  (ends[hole] as number) - (starts[hole] as number);

const bytesOf = (shapes: Shapes, { key, value }: HolePair): number =>
  lengthOf(shapes, key) + (value === undefined ? 0 : lengthOf(shapes, value));

const hasKeyTwice = (shapes: Shapes, pairs: readonly HolePair[]): boolean => {
  for (let index = 1; index < pairs.length; index += 1)
    for (let before = 0; before < index; before += 1)
      if (areSame(shapes, (pairs[index] as HolePair).key, (pairs[before] as HolePair).key)) return true;
  return false;
};

const areSame = (shapes: Shapes, some: number, other: number): boolean => {
  const length = lengthOf(shapes, some);
  if (length !== lengthOf(shapes, other)) return false;
  const { bytes } = shapes.scan;
  const start = shapes.starts[some] as number;
  const otherStart = shapes.starts[other] as number;
  // Those of one source mostly begin alike.
  for (let index = length - 1; index >= 0; index -= 1)
    if (bytes[start + index] !== bytes[otherStart + index]) return false;
  return true;
};

/** Copies a text as a string of JSON, its quotes doubled; gives where it ends, -1 where it is not copied. */
const copyString = (
  { scan: { bytes }, starts, ends, marks }: Shapes,
  to: Uint8Array,
  from: number,
  hole: number,
  { mostStringBytes, isTrimmed }: NonNullable<ColumnCopy['object']>,
): number => {
  const start = starts[hole] as number;
  const end = ends[hole] as number;
  if (end === start || end - start > mostStringBytes) return -1;
  if (((marks[hole] as number) & IS_WRITTEN_OTHERWISE) !== 0) return -1;
  if (isTrimmed && (bytes[start] === SPACE || bytes[end - 1] === SPACE)) return -1;
  let at = from;
  to[at++] = QUOTE;
  to[at++] = QUOTE;
  for (let index = start; index < end; index += 1) {
    const code = bytes[index] as number;
    if (code < SPACE || code === QUOTE || code === BACKSLASH) return -1;
    to[at++] = code;
  }
  to[at++] = QUOTE;
  to[at++] = QUOTE;
  return at;
};
