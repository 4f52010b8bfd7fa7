import type { ColumnCopy } from '../../columns/way.ts';
import { copyText, endField, type RowBytes, reserve } from '../../csv/row-bytes.ts';
import { MOST_ADDED } from '../../values/copy-typed.ts';
import { IS_AMPERSAND, IS_BEYOND_ASCII, IS_LINE_FEED, IS_QUOTED, IS_RETURN, SPACE } from '../plain/bytes.ts';
import { resolveBytes } from '../plain/references.ts';
import { copyObject } from './copy-object.ts';
import type { FieldPlan } from './shape.ts';
import type { Shapes } from './shapes.ts';

/** Writes a field from the bytes of a record, where they are its column's value; gives whether they are. */
export const copyField = (
  shapes: Shapes,
  out: RowBytes,
  { hole, pairs }: FieldPlan,
  { text, typed, object }: ColumnCopy,
): boolean => {
  if (object !== undefined) return copyObject(shapes, out, pairs, object);
  if (text !== undefined) return copyHole(shapes, out, hole, text);
  if (typed === undefined || shapes.marks[hole] !== 0) return false;
  const start = shapes.starts[hole] as number;
  const end = shapes.ends[hole] as number;
  reserve(out, end - start + MOST_ADDED);
  const at = typed(shapes.scan.bytes, start, end, out.bytes, out.at);
  if (at >= 0) endField(out, at);
  return at >= 0;
};

const copyHole = (
  { scan, starts, ends, marks, resolved }: Shapes,
  out: RowBytes,
  hole: number,
  { mostBytes, isTrimmed, isAscii }: NonNullable<ColumnCopy['text']>,
): boolean => {
  const { bytes } = scan;
  const start = starts[hole] as number;
  const end = ends[hole] as number;
  const mark = marks[hole] as number;
  if (end - start > mostBytes || (mark & IS_RETURN) !== 0) return false;
  if (isAscii && (mark & IS_BEYOND_ASCII) !== 0) return false;
  // No byte of a character beyond ASCII is a space, nor less than one.
  if (isTrimmed && ((bytes[start] as number) <= SPACE || (bytes[end - 1] as number) <= SPACE)) return false;
  const isQuoted = (mark & (IS_QUOTED | IS_LINE_FEED)) !== 0;
  if ((mark & IS_AMPERSAND) === 0) return copyText(out, bytes, start, end, isQuoted);
  if (end - start > resolved.length) return false;
  const length = resolveBytes(bytes, start, end, resolved, 0);
  return length > 0 && copyText(out, resolved, 0, length, isQuoted);
};
