import type { WrittenAttributes } from '../written.ts';
import type { Followed, Tag, Tags } from './tags.ts';

/** What a scan knows, of the bytes that it reads and of those that it has read. */

export interface Run {
  readonly bytes: Uint8Array;
  /** Four bytes each; the last are the run's last four, whether or not others have some of them. */
  readonly words: Int32Array;
  readonly steps: readonly Step[];
  /** What came so far behind it and the text that follows. */
  readonly next: Run[];
}

/** A tag without attributes, and where it stands in the run. */
export interface Step {
  readonly tag: Tag;
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  /** Line feeds before it, and where the line begins that is behind the last of them. */
  readonly lines: number;
  readonly lineFrom: number;
}

export const OPENS = 0;
export const CLOSES = 1;
export const IS_EMPTY = 2;
export type Kind = typeof OPENS | typeof CLOSES | typeof IS_EMPTY;

/** What has been seen of runs, and the one that is being recorded: it starts at a `<`, or nowhere. */
export interface Runs {
  /** By what stands in them and in the one before, so that what is the same within another element is apart. */
  readonly known: Map<string, Run>;
  last: Run;
  start: number;
  end: number;
  steps: Step[];
}

export interface PlainEvents {
  /** Each gives whether text is wanted from here on, until the next tag. */
  open(name: string, attributes: WrittenAttributes | undefined): boolean;
  close(): boolean;
  text(text: string): void;
  /** Reads a whole record whose `<` stands there, and gives where it ends: MORE where it is not there as a whole yet, HARD where it is to be read tag by tag. */
  record(less: number): number;
}

export interface ScanLimits {
  readonly nameLength: number;
  readonly textLength: number;
  readonly attributeCount: number;
}

/** Bytes that are read, and how far they have been. */
export interface Scan {
  readonly limits: ScanLimits;
  readonly events: PlainEvents;
  readonly tags: Tags;
  /** Open elements. The outermost is closed by saxes, which knows what may stand behind it. */
  readonly open: Tag[];
  bytes: Buffer;
  view: DataView;
  /** The same, one character a byte, once a text of ASCII has been a slice of it. */
  latin: string | undefined;
  isAscii: boolean;
  end: number;
  /** What goes before it has been read; what is being told has been seen as far as `seen`. */
  at: number;
  seen: number;
  /** The line of `seen`, and from where on, after which column, its columns are counted. */
  line: number;
  lineFrom: number;
  lineColumn: number;
  wantsText: boolean;
  before: Followed;
  /** Open elements around records that may be read whole; none where there are none. */
  recordsAt: number;
  /** Of the text that was looked at last: its marks, lines that end in it, and where the line begins that is behind the last. */
  textMarks: number;
  textLines: number;
  textLineFrom: number;
  /** Line feeds within the tag that is read, and where the line begins that is behind the last. */
  tagLines: number;
  tagLineFrom: number;
  /** Values of the tag that is read, as many as `count`; the array is used again for the next. */
  values: string[];
  count: number;
  /** Sets of attributes that all tags remember. */
  attributeSets: number;
  readonly runs: Runs;
}

/** A text of ASCII. */
export const latinOf = (s: Scan, start: number, end: number): string => {
  s.latin ??= s.bytes.toString('latin1');
  return s.latin.slice(start, end);
};

const WORD = 4;

export const toWords = (bytes: Uint8Array): Int32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words: number[] = [];
  for (let at = 0; at + WORD < bytes.length; at += WORD) words.push(view.getInt32(at, true));
  if (bytes.length >= WORD) words.push(view.getInt32(bytes.length - WORD, true));
  return Int32Array.from(words);
};

export const toRun = (bytes: Uint8Array, steps: readonly Step[]): Run => ({
  bytes,
  words: toWords(bytes),
  steps,
  next: [],
});

export const newRuns = (): Runs => ({
  known: new Map(),
  last: toRun(new Uint8Array(), []),
  start: -1,
  end: -1,
  steps: [],
});

export const newScan = (limits: ScanLimits, events: PlainEvents): Scan => ({
  limits,
  events,
  tags: new Map(),
  open: [],
  bytes: Buffer.alloc(0),
  view: new DataView(new ArrayBuffer(0)),
  latin: undefined,
  isAscii: true,
  end: 0,
  at: 0,
  seen: 0,
  line: 1,
  lineFrom: 0,
  lineColumn: 0,
  wantsText: false,
  before: { by: undefined },
  recordsAt: -1,
  textMarks: 0,
  textLines: 0,
  textLineFrom: 0,
  tagLines: 0,
  tagLineFrom: 0,
  values: [],
  count: 0,
  attributeSets: 0,
  runs: newRuns(),
});
