import { readTagEnd } from './attributes.ts';
import { GREATER, IN_NAME, SLASH, stands } from './bytes.ts';
import { dropRecording, follow, record } from './runs.ts';
import { HARD, MORE, missing, nameEnd, openTag, passLines, textEnd, textOf } from './scanning.ts';
import { mayBeSection, readSection } from './sections.ts';
import { CLOSES, latinOf, OPENS, type Scan } from './state.ts';
import { isKept, type Tag, tagOf } from './tags.ts';

/**
 * Reads plain text and tags out of bytes that are UTF-8, one after another. Whatever it does not know it leaves alone, from its first byte
 * on: saxes reads that, and says what is wrong with it. So what is read here is what saxes would have read in the same way.
 */

/** Reads on as far as all is plain; gives why it stops at `at`. */
export const scan = (s: Scan): typeof MORE | typeof HARD => {
  for (;;) {
    const less = readText(s);
    if (less < 0) return stop(s, less);
    if (s.open.length === s.recordsAt) {
      const behind = s.events.record(less);
      if (behind === MORE) return stop(s, MORE);
      if (behind >= 0) continue;
    }
    if (mayBeSection(s, less)) {
      const behind = readSection(s, less);
      if (behind < 0) return stop(s, behind);
      continue;
    }
    if (follow(s, less)) continue;
    if (less + 1 === s.end) return stop(s, missing(s));
    const outcome = s.bytes[less + 1] === SLASH ? readClose(s, less + 2) : readOpen(s, less + 1);
    if (outcome < 0) return stop(s, outcome);
  }
};

const stop = (s: Scan, why: number): typeof MORE | typeof HARD => {
  dropRecording(s);
  return why === MORE ? MORE : HARD;
};

/** Gives a text to its handler, and the index of the `<` after it. */
const readText = (s: Scan): number => {
  const start = s.at;
  const less = textEnd(s, start);
  if (less < 0) return less;
  passLines(s);
  s.at = less;
  s.seen = less + 1;
  if (s.wantsText && less > start) s.events.text(textOf(s, start, less, s.textMarks));
  return less;
};

/** The end tag of the innermost element, whose name starts at `start`. */
const readClose = (s: Scan, start: number): number => {
  const { open, bytes } = s;
  const tag = open[open.length - 1];
  if (tag === undefined || open.length === 1) return HARD;
  const behind = start + tag.bytes.length;
  if (behind >= s.end) return missing(s);
  if (!stands(bytes, start, tag.bytes) || bytes[behind] !== GREATER) return HARD;
  record(s, tag, CLOSES, start - 2, behind + 1);
  open.pop();
  s.before = tag.afterClose;
  s.at = behind + 1;
  s.seen = s.at;
  s.wantsText = s.events.close();
  return s.at;
};

const readOpen = (s: Scan, start: number): number => {
  const { bytes, end } = s;
  let tag = s.before.by;
  let at = tag === undefined ? end : start + tag.bytes.length;
  if (tag !== undefined && at < end && stands(bytes, start, tag.bytes)) {
    if (bytes[at] === GREATER) return openPlain(s, tag, start - 1, at + 1);
    if (IN_NAME[bytes[at] as number] === 0) return readTagEnd(s, tag, at);
  }
  at = nameEnd(s, start);
  if (at < 0) return at;
  tag = tagOf(s.tags, latinOf(s, start, at));
  if (isKept(s.tags, tag)) s.before.by = tag;
  return bytes[at] === GREATER ? openPlain(s, tag, start - 1, at + 1) : readTagEnd(s, tag, at);
};

const openPlain = (s: Scan, tag: Tag, from: number, to: number): number => {
  record(s, tag, OPENS, from, to);
  return openTag(s, tag, to, undefined, false);
};
