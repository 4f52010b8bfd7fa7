import { copyOf } from '../copy.ts';
import { type AttributeNames, newAttributeNames } from '../written.ts';
import {
  APOSTROPHE,
  ENDS,
  EQUAL,
  GREATER,
  IN_VALUE,
  IS_BEYOND_ASCII,
  IS_HARD,
  IS_QUOTED,
  LINE_FEED,
  QUOTE,
  SLASH,
  SPACE,
  stands,
  TAB,
} from './bytes.ts';
import { endRecording, record } from './runs.ts';
import { HARD, missing, nameEnd, openTag, skipOdd, textOf } from './scanning.ts';
import { IS_EMPTY, latinOf, type Scan } from './state.ts';
import type { Tag } from './tags.ts';

/** The attributes of a start tag, whose names are mostly those that the last tag of its name had. */

const NO_NAMES: AttributeNames['names'] = [];
const MOST_STANDING = 64;

/** Reads a start tag on from behind its name, and opens its element. */
export const readTagEnd = (s: Scan, tag: Tag, behindName: number): number => {
  const { bytes } = s;
  const expected = tag.attributes?.names ?? NO_NAMES;
  let names: string[] | undefined;
  let at = behindName;
  s.tagLines = 0;
  s.count = 0;
  for (;;) {
    const start = skipSpace(s, at);
    if (start >= s.end) return missing(s);
    const code = bytes[start];
    if (code === GREATER || code === SLASH) return endTag(s, tag, behindName, start, names);
    // Attributes stand apart.
    if (start === at) return HARD;
    const guess = names === undefined ? expected[s.count] : undefined;
    let equal = guess === undefined ? s.end : start + guess.bytes.length;
    if (
      guess === undefined ||
      equal >= s.end ||
      bytes[equal] !== EQUAL ||
      !stands(bytes, start, guess.bytes)
    ) {
      equal = nameEnd(s, start);
      if (equal < 0) return equal;
      names ??= expected.slice(0, s.count).map(({ name }) => name);
      names.push(latinOf(s, start, equal));
    }
    at = readValue(s, equal);
    if (at < 0) return at;
  }
};

const skipSpace = (s: Scan, from: number): number => {
  const { bytes } = s;
  let at = from;
  for (; at < s.end; at += 1) {
    const code = bytes[at];
    if (code === LINE_FEED) {
      s.tagLines += 1;
      s.tagLineFrom = at + 1;
    } else if (code !== SPACE && code !== TAB) break;
  }
  return at;
};

/** Reads a value whose equals sign stands there, and gives where it ends. White space around the sign is left to saxes. */
const readValue = (s: Scan, equal: number): number => {
  const { bytes, end } = s;
  const start = equal + 2;
  if (start >= end) return missing(s);
  const quote = bytes[equal + 1];
  if (bytes[equal] !== EQUAL || (quote !== QUOTE && quote !== APOSTROPHE)) return HARD;
  const close = valueEnd(s, start, quote);
  if (close < 0) return close;
  s.values[s.count] = textOf(s, start, close, s.textMarks);
  s.count += 1;
  return close + 1;
};

/** Where the value ends that starts there: at its quote. The scan's `textMarks` tell what is in it; no line ends there. */
export const valueEnd = (s: Scan, start: number, quote: number): number => {
  const { bytes, end } = s;
  let marks = 0;
  let at = start;
  for (; at < end; at += 1) {
    const mark = IN_VALUE[bytes[at] ?? 0] ?? IS_HARD;
    if (mark === 0) continue;
    if (mark === ENDS) {
      if (bytes[at] === quote) break;
      if (quote === APOSTROPHE) marks |= IS_QUOTED;
      continue;
    }
    marks |= mark;
    if (mark === IS_QUOTED || mark === IS_BEYOND_ASCII) continue;
    const next = skipOdd(s, mark, at);
    if (next < 0) return next;
    at = next;
  }
  if (at === end) return missing(s);
  s.textMarks = marks;
  s.textLines = 0;
  return at;
};

const endTag = (
  s: Scan,
  tag: Tag,
  behindName: number,
  at: number,
  names: readonly string[] | undefined,
): number => {
  const isSelfClosing = s.bytes[at] === SLASH;
  const behind = isSelfClosing ? at + 2 : at + 1;
  if (behind > s.end) return missing(s);
  if (s.bytes[behind - 1] !== GREATER) return HARD;
  const length = behind - s.at;
  if (length > s.limits.textLength || s.count > s.limits.attributeCount) return HARD;
  let of: AttributeNames | undefined;
  if (s.count > 0) {
    of = namesOf(s, tag, names, s.count);
    // saxes holds what namespaces are bound to against the length of names.
    if (of === undefined || (of.hasDeclarations && length > s.limits.nameLength)) return HARD;
  }
  if (s.tagLines > 0) {
    s.line += s.tagLines;
    s.lineFrom = s.tagLineFrom;
    s.lineColumn = 0;
  }
  if (isSelfClosing && of === undefined && behindName === at) record(s, tag, IS_EMPTY, s.at, behind);
  else endRecording(s);
  const { values } = s;
  // Values keep the text around them in memory: no more than a few of them are let stand.
  if (s.count > MOST_STANDING) s.values = [];
  return openTag(s, tag, behind, of && { of, values }, isSelfClosing);
};

/** Sets of attributes that are remembered, and the longest. */
const MOST_SETS = 4096;
const LONGEST_SET = 1024;

/** What is known of the names; undefined where one stands twice. */
const namesOf = (
  s: Scan,
  tag: Tag,
  names: readonly string[] | undefined,
  count: number,
): AttributeNames | undefined => {
  const last = tag.attributes;
  if (names === undefined && last?.names.length === count) return last;
  const all = names ?? last?.names.slice(0, count).map(({ name }) => name) ?? [];
  const key = all.join(' ');
  let found = tag.known.get(key);
  if (found === undefined) {
    if (new Set(all).size < count) return undefined;
    found = newAttributeNames(all.map((name) => ({ name: copyOf(name), bytes: Buffer.from(name) })));
    if (key.length > LONGEST_SET) return found;
    if (s.attributeSets < MOST_SETS) {
      s.attributeSets += 1;
      tag.known.set(copyOf(key), found);
    }
  }
  tag.attributes = found;
  return found;
};
