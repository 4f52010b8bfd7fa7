import {
  APOSTROPHE,
  BANG,
  GREATER,
  LESS,
  LINE_FEED,
  QUOTE,
  RETURN,
  SECTION_END,
  SECTION_START,
  SPACE,
  TAB,
} from '../plain/bytes.ts';

/** The bytes of a plain record: what stands before, between and behind its texts and attributes' values. */
export interface Parts {
  /** Half-open; a hole lies between one and the next. */
  readonly steps: readonly { readonly from: number; readonly to: number }[];
  /** Numbers of the holes that are texts, by where the walk is told that they end; white space between tags is none. */
  readonly texts: ReadonlyMap<number, number>;
  /** Of those that are values: by `attributeKey`. */
  readonly values: ReadonlyMap<number, number>;
}

/** An attribute of a record: the number of its start tag, and its own within that. */
export const attributeKey = (tag: number, attribute: number): number => tag * MOST_ATTRIBUTES + attribute;

/** More of them are not told apart: the limit on attributes is lower. */
const MOST_ATTRIBUTES = 2 ** 20;

interface Cutting {
  readonly bytes: Buffer;
  readonly end: number;
  readonly isFixed: (key: number) => boolean;
  readonly steps: { from: number; to: number }[];
  readonly texts: Map<number, number>;
  readonly values: Map<number, number>;
  from: number;
  tags: number;
}

/**
 * Cuts a record into parts, from its `<` to behind its last `>`; values that are fixed are none of its holes. Gives undefined where it has
 * what is no tag, text or section.
 */
export const cut = (
  bytes: Buffer,
  start: number,
  end: number,
  isFixed: (key: number) => boolean,
): Parts | undefined => {
  const cutting: Cutting = {
    bytes,
    end,
    isFixed,
    steps: [],
    texts: new Map(),
    values: new Map(),
    from: start,
    tags: 0,
  };
  let at = start;
  while (at < end) {
    const behind = bytes[at + 1] === BANG ? cutSection(cutting, at) : cutTag(cutting, at);
    if (behind < 0) return undefined;
    const less = behind === end ? end : bytes.indexOf(LESS, behind);
    if (less < 0 || less > end) return undefined;
    if (less < end && !isLayout(bytes, behind, less)) {
      cutting.texts.set(less, cutting.steps.length);
      addHole(cutting, behind, less);
    }
    at = less;
  }
  cutting.steps.push({ from: cutting.from, to: end });
  return cutting;
};

const addHole = (cutting: Cutting, from: number, to: number): void => {
  cutting.steps.push({ from: cutting.from, to: from });
  cutting.from = to;
};

/** Gives where a section ends. The walk hears of its text when it has ended. */
const cutSection = (cutting: Cutting, less: number): number => {
  const { bytes } = cutting;
  const start = less + SECTION_START.length;
  if (!bytes.subarray(less, start).equals(SECTION_START)) return -1;
  const end = bytes.indexOf(SECTION_END, start);
  if (end < 0) return -1;
  const behind = end + SECTION_END.length;
  cutting.texts.set(behind - 1, cutting.steps.length);
  addHole(cutting, start, end);
  return behind;
};

/** Gives where a tag ends. */
const cutTag = (cutting: Cutting, less: number): number => {
  const { bytes, end } = cutting;
  let attribute = 0;
  const tag = cutting.tags;
  for (let at = less + 1; at < end; at += 1) {
    const code = bytes[at] ?? 0;
    if (code === GREATER) {
      if (bytes[less + 1] !== SLASH) cutting.tags += 1;
      return at + 1;
    }
    if (code !== QUOTE && code !== APOSTROPHE) continue;
    const close = bytes.indexOf(code, at + 1);
    if (close < 0) return -1;
    const key = attributeKey(tag, attribute);
    attribute += 1;
    if (!cutting.isFixed(key)) {
      cutting.values.set(key, cutting.steps.length);
      addHole(cutting, at + 1, close);
    }
    at = close;
  }
  return -1;
};

const SLASH = 0x2f;

const isLayout = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at += 1) {
    const code = bytes[at];
    if (code !== SPACE && code !== LINE_FEED && code !== TAB && code !== RETURN) return false;
  }
  return true;
};

/** Line ends as XML has them, and where behind `from` the last line begins. */
export const countLines = (
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly lines: number; readonly lineFrom: number } => {
  let lines = 0;
  let lineFrom = 0;
  for (let at = from; at < to; at += 1) {
    if (bytes[at] !== LINE_FEED && (bytes[at] !== RETURN || bytes[at + 1] === LINE_FEED)) continue;
    lines += 1;
    lineFrom = at + 1 - from;
  }
  return { lines, lineFrom };
};
