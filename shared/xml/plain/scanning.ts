import type { WrittenAttributes } from '../written.ts';
import {
  BEGINS_NAME,
  ENDS,
  IN_NAME,
  IN_TEXT,
  IS_AMPERSAND,
  IS_BEYOND_ASCII,
  IS_BRACKET,
  IS_HARD,
  IS_LINE_FEED,
  IS_QUOTED,
  IS_RETURN,
  isNoCharacter,
  isSectionEnd,
  LINE_FEED,
} from './bytes.ts';
import { referenceEnd, resolveReferences } from './references.ts';
import { latinOf, type Scan } from './state.ts';
import type { Tag } from './tags.ts';

/** The state of a scan, and what reading text and reading tags have in common. */

/** What stands next is not whole, or is nothing plain. */
export const MORE = -1;
export const HARD = -2;

/** Longest text or tag that more bytes are waited for. */
const MOST_WAITING = 32 * 1024;

/** Where bytes are missing: more of them are waited for, within measure. */
export const missing = ({ end, at, limits }: Scan): number =>
  end - at > Math.min(MOST_WAITING, limits.textLength) ? HARD : MORE;

/** Where the text ends that starts there: at a `<`. What is in it is told by the scan's `textMarks`, `textLines` and `textLineFrom`. */
export const textEnd = (s: Scan, start: number): number => {
  const { bytes, end } = s;
  const table = IN_TEXT;
  let lineFrom = 0;
  let lines = 0;
  let marks = 0;
  let at = start;
  for (; at < end; at += 1) {
    const mark = table[bytes[at] ?? 0] ?? IS_HARD;
    if (mark === 0) continue;
    if (mark === ENDS) break;
    marks |= mark;
    if (mark === IS_QUOTED || mark === IS_BEYOND_ASCII) continue;
    if (mark === IS_LINE_FEED) {
      lines += 1;
      lineFrom = at + 1;
      continue;
    }
    if (mark === IS_RETURN) {
      if (at + 1 < end && bytes[at + 1] === LINE_FEED) continue;
      lines += 1;
      lineFrom = at + 1;
      continue;
    }
    const next = skipOdd(s, mark, at);
    if (next < 0) return next;
    at = next;
  }
  if (at === end) return missing(s);
  if (at - start > s.limits.textLength) return HARD;
  s.textMarks = marks;
  s.textLines = lines;
  s.textLineFrom = lineFrom;
  return at;
};

/** Goes on to the line that the text which was looked at last ends in. */
export const passLines = (s: Scan): void => {
  if (s.textLines === 0) return;
  s.line += s.textLines;
  s.lineFrom = s.textLineFrom;
  s.lineColumn = 0;
};

/** Takes what may be more than a character: gives the index of its last byte. */
export const skipOdd = (s: Scan, mark: number, at: number): number => {
  const { bytes, end } = s;
  if (mark === IS_AMPERSAND) {
    const behind = referenceEnd(bytes, at, end);
    if (behind > 0) return behind - 1;
    return behind < 0 ? missing(s) : HARD;
  }
  if (mark === IS_BRACKET) return isSectionEnd(bytes, at) ? HARD : at;
  if (mark === IS_HARD) return HARD;
  return isNoCharacter(bytes, at) ? HARD : at;
};

/** The text of some bytes, by the marks of all that is in it. */
export const textOf = (s: Scan, start: number, end: number, marks: number): string => {
  let text = (marks & IS_BEYOND_ASCII) === 0 ? latinOf(s, start, end) : s.bytes.toString('utf8', start, end);
  if ((marks & IS_RETURN) !== 0) text = text.replace(/\r\n?/g, '\n');
  if ((marks & IS_AMPERSAND) !== 0) text = resolveReferences(text);
  return text;
};

/** Where the name ends that starts there. */
export const nameEnd = (s: Scan, start: number): number => {
  const { bytes, end } = s;
  if (start >= end) return missing(s);
  if (BEGINS_NAME[bytes[start] ?? 0] !== 1) return HARD;
  let at = start + 1;
  while (at < end && IN_NAME[bytes[at] ?? 0] === 1) at += 1;
  if (at - start > s.limits.nameLength) return HARD;
  if (at === end) return missing(s);
  return (bytes[at] ?? 0) < 0x80 ? at : HARD;
};

/** Opens an element whose start tag ends before `at`. */
export const openTag = (
  s: Scan,
  tag: Tag,
  at: number,
  attributes: WrittenAttributes | undefined,
  isSelfClosing: boolean,
): number => {
  s.at = at;
  s.seen = at;
  s.wantsText = s.events.open(tag.name, attributes);
  if (isSelfClosing) {
    s.before = tag.afterClose;
    s.wantsText = s.events.close();
  } else {
    s.open.push(tag);
    s.before = tag.afterOpen;
  }
  return at;
};
