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
  SECTION_END,
  SECTION_START,
  stands,
} from './bytes.ts';
import { HARD, missing, passLines, textOf } from './scanning.ts';
import type { Scan } from './state.ts';

/** CDATA sections: text in which nothing but their end means anything. */

export const mayBeSection = ({ bytes, end }: Scan, less: number): boolean =>
  less + 1 < end && bytes[less + 1] === BANG;

/** Gives a section to the handler of texts, and where it ends; a comment is left to saxes. */
export const readSection = (s: Scan, less: number): number => {
  const { bytes, end } = s;
  const start = less + SECTION_START.length;
  if (start > end) return missing(s);
  if (!stands(bytes, less, SECTION_START)) return HARD;
  const close = sectionEnd(s, start);
  if (close < 0) return close;
  passLines(s);
  s.at = close + SECTION_END.length;
  s.seen = s.at;
  // An empty one is told of too, as saxes does.
  if (s.wantsText) s.events.text(textOf(s, start, close, s.textMarks));
  return s.at;
};

/** Where the text of a section ends that starts there; the scan's `textMarks`, `textLines` and `textLineFrom` tell what is in it. */
export const sectionEnd = (s: Scan, start: number): number => {
  const { bytes, end } = s;
  let lineFrom = 0;
  let lines = 0;
  let marks = 0;
  for (let at = start; at < end; at += 1) {
    const mark = IN_TEXT[bytes[at] ?? 0] ?? IS_HARD;
    if (mark === 0 || mark === ENDS || mark === IS_AMPERSAND) continue;
    if (mark === IS_BRACKET) {
      if (!isSectionEnd(bytes, at)) continue;
      if (at - start > s.limits.textLength) return HARD;
      s.textMarks = marks;
      s.textLines = lines;
      s.textLineFrom = lineFrom;
      return at;
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
