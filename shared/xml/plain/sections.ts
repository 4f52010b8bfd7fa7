import {
  BANG,
  ENDS,
  IN_TEXT,
  IS_AMPERSAND,
  IS_BEYOND_ASCII,
  IS_BRACKET,
  IS_HARD,
  IS_LINE_FEED,
  IS_RETURN,
  isNoCharacter,
  isSectionEnd,
  LINE_FEED,
  stands,
} from './bytes.ts';
import { HARD, missing, textOf } from './scanning.ts';
import type { Scan } from './state.ts';

/** CDATA sections: text in which nothing but their end means anything. */

const START = Buffer.from('<![CDATA[');
const END = ']]>';

export const mayBeSection = ({ bytes, end }: Scan, less: number): boolean =>
  less + 1 < end && bytes[less + 1] === BANG;

/** Gives a section to the handler of texts, and where it ends; a comment is left to saxes. */
export const readSection = (s: Scan, less: number): number => {
  const { bytes, end } = s;
  const start = less + START.length;
  if (start > end) return missing(s);
  if (!stands(bytes, less, START)) return HARD;
  let { lineFrom } = s;
  let lines = 0;
  let marks = 0;
  for (let at = start; at < end; at += 1) {
    const mark = IN_TEXT[bytes[at] ?? 0] ?? IS_HARD;
    if (mark === 0 || mark === ENDS || mark === IS_AMPERSAND) continue;
    if (mark === IS_BRACKET) {
      if (isSectionEnd(bytes, at)) return endSection(s, start, at, marks, lines, lineFrom);
      continue;
    }
    if (mark === IS_HARD || (mark > IS_BEYOND_ASCII && isForbidden(mark, bytes, at))) return HARD;
    marks |= mark;
    // A return counts by itself where no line feed follows.
    if (mark === IS_LINE_FEED || (mark === IS_RETURN && !(at + 1 < end && bytes[at + 1] === LINE_FEED))) {
      lines += 1;
      lineFrom = at + 1;
    }
  }
  return missing(s);
};

const isForbidden = (mark: number, bytes: Uint8Array, at: number): boolean =>
  (mark & IS_BEYOND_ASCII) !== 0 && isNoCharacter(bytes, at);

const endSection = (
  s: Scan,
  start: number,
  end: number,
  marks: number,
  lines: number,
  lineFrom: number,
): number => {
  if (end - start > s.limits.textLength) return HARD;
  if (lines > 0) {
    s.line += lines;
    s.lineFrom = lineFrom;
    s.lineColumn = 0;
  }
  s.at = end + END.length;
  s.seen = s.at;
  // An empty one is told of too, as saxes does.
  if (s.wantsText) s.events.text(textOf(s, start, end, marks));
  return s.at;
};
