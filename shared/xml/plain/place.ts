import type { Scan } from './state.ts';

/** Lines and columns, which are counted when someone asks. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Characters of UTF-8 in the bytes: all but those that continue one. */
const countCharacters = ({ bytes, isAscii: isPlain }: Scan, from: number, to: number): number => {
  if (isPlain) return to - from;
  let count = 0;
  for (let at = from; at < to; at += 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) count += 1;
  return count;
};

/** The place of an index in the line of `seen`. */
export const placeOf = (s: Scan, at: number): Place => {
  const { line, lineFrom, lineColumn } = s;
  if (at < lineFrom) return { line, column: lineColumn - countCharacters(s, at, lineFrom) };
  return { line, column: lineColumn + countCharacters(s, lineFrom, at) };
};

/** The place of what is being told; a document may be one line, which is counted once. */
export const seenAt = (s: Scan): Place => {
  const place = placeOf(s, s.seen);
  s.lineFrom = s.seen;
  s.lineColumn = place.column;
  return place;
};
