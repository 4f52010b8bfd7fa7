import { isAscii } from 'node:buffer';
import type { Limits } from './limits.ts';
import { newXmlParser, type XmlHandlers, type XmlParser } from './parser.ts';
import { type Place, placeOf, seenAt } from './plain/place.ts';
import { scan } from './plain/scan.ts';
import { MORE } from './plain/scanning.ts';
import { latinOf, newScan, type Scan } from './plain/state.ts';
import { tagOf } from './plain/tags.ts';
import { rootEnd, unitEnd } from './plain/unit-end.ts';
import { plainEvents, type TokenHandlers } from './token-handlers.ts';

/**
 * Two tokenizers for one matcher. Within the root of a document the scanner reads what is plain; at the first byte that is not, saxes
 * is told which elements are open and reads on, up to the end of the tag, section or comment that stands there. All else is for saxes alone:
 * prolog and epilog.
 */

export interface Tokenizer {
  readonly scan: Scan;
  /** A piece of the document, of whole characters: bytes are UTF-8, and none is a byte order mark. A text is read in UTF-8 too. */
  write(piece: string | Buffer): void;
  /** The document is complete: throws SourceTruncated when its root is not closed. */
  end(): void;
  /** Gives saxes whatever waits for more bytes. */
  flush(): void;
  position(): Place;
  readonly refuse: XmlParser['refuse'];
  readonly hasRoot: () => boolean;
  /** Whether all that was written ends between two tags, and not in a comment, a section, a tag or a reference. */
  isInContent(): boolean;
  /** Counts lines anew: what comes next is in line 1. */
  startLines(): void;
  /** How many times saxes was asked to read on, and how many of them are behind it. */
  fed(): number;
  fedBefore(): number;
}

interface State {
  readonly scan: Scan;
  readonly saxes: XmlParser;
  /** The elements that saxes takes for open. */
  readonly known: string[];
  isScanning: boolean;
  isFeeding: boolean;
  /** saxes reads the rest. */
  isOff: boolean;
  /** Characters that the scanner has read, up to `countedTo`. */
  counted: number;
  countedTo: number;
  /** Bytes that saxes gets at least, and how far the scanner was when it took over: it grows while that is not worth it. */
  least: number;
  takenAt: number;
  feeds: number;
  /** What waits for more bytes, at the start of a buffer that is used again and again, and how much there was when it was last looked at. */
  waiting: Buffer;
  waitingLength: number;
  looked: number;
}

export const newTokenizer = (
  place: string,
  limits: Limits,
  handlers: TokenHandlers,
  scans = true,
): Tokenizer => {
  const saxes = newXmlParser(
    place,
    limits,
    tracked(handlers, () => t),
    { place: () => (t.isScanning ? seenAt(t.scan) : undefined), read: () => readByScanner(t) },
  );
  const t: State = {
    scan: newScan(limits, plainEvents(handlers, saxes)),
    saxes,
    known: [],
    isScanning: false,
    isFeeding: false,
    isOff: !scans,
    counted: 0,
    countedTo: 0,
    least: 0,
    takenAt: 0,
    feeds: 0,
    waiting: Buffer.alloc(0),
    waitingLength: 0,
    looked: 0,
  };
  const flush = (): void => flushAll(t);
  return {
    scan: t.scan,
    write: (piece) => write(t, piece),
    end: () => {
      flush();
      saxes.end();
    },
    flush,
    position: () => (t.isScanning ? seenAt(t.scan) : saxes.position()),
    refuse: saxes.refuse,
    hasRoot: saxes.hasRoot,
    isInContent: () => {
      flush();
      return saxes.isInContent();
    },
    startLines: () => {
      flush();
      saxes.startLines();
    },
    fed: () => t.feeds,
    fedBefore: () => (t.isFeeding ? t.feeds - 1 : t.feeds),
  };
};

/** Characters as saxes counts them, of documents with declarations alone: others spend none of what that allows them. */
const readByScanner = (t: State): number => {
  const { scan: s, countedTo: from } = t;
  if (t.isScanning && t.saxes.doctype() !== undefined) {
    t.counted += s.isAscii ? s.at - from : s.bytes.toString('utf8', from, s.at).length;
    t.countedTo = s.at;
  }
  return t.counted;
};

/** The handlers for saxes, which keep account of what is open. */
const tracked = ({ open, text, close, warn }: XmlHandlers, of: () => State): XmlHandlers => ({
  open: (name, attributes) => {
    const t = of();
    if (!t.isOff) {
      const tag = tagOf(t.scan.tags, name);
      t.scan.open.push(tag);
      t.scan.before = tag.afterOpen;
    }
    t.scan.wantsText = open(name, attributes);
    return t.scan.wantsText;
  },
  text,
  close: () => {
    const t = of();
    if (!t.isOff) {
      const tag = t.scan.open.pop();
      if (tag !== undefined) t.scan.before = tag.afterClose;
    }
    t.scan.wantsText = close();
    return t.scan.wantsText;
  },
  warn,
});

const write = (t: State, piece: string | Buffer): void => {
  if (piece.length === 0) return;
  if (typeof piece === 'string' && t.isOff) {
    flushAll(t);
    writeToSaxes(t, piece);
    return;
  }
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
  if (t.waitingLength === 0) {
    read(t, bytes);
    return;
  }
  keep(t, bytes);
  // What was not whole is looked at again once it has doubled: a document may come byte after byte.
  if (t.waitingLength >= 2 * t.looked) read(t, waitingBytes(t));
};

const waitingBytes = ({ waiting, waitingLength }: State): Buffer => waiting.subarray(0, waitingLength);

/** Keeps bytes behind those that wait. They may be some of these, which copying allows. */
const keep = (t: State, bytes: Buffer): void => {
  const length = t.waitingLength + bytes.length;
  if (t.waiting.length < length) {
    const larger = Buffer.allocUnsafeSlow(2 * length);
    waitingBytes(t).copy(larger);
    t.waiting = larger;
  }
  bytes.copy(t.waiting, t.waitingLength);
  t.waitingLength = length;
};

/** Makes these the bytes that are read. */
const load = (t: State, bytes: Buffer): void => {
  const { scan: s } = t;
  t.waitingLength = 0;
  t.looked = 0;
  s.bytes = bytes;
  s.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  s.isAscii = isAscii(bytes);
  s.latin = undefined;
  s.end = bytes.length;
};

const read = (t: State, bytes: Buffer): void => {
  load(t, bytes);
  const { scan: s } = t;
  while (s.at < s.end) {
    if (t.isScanning) {
      if (scan(s) === MORE) break;
      handOver(t);
    }
    feed(t);
  }
  leave(t);
};

/** Keeps what is not whole yet, and the place: the bytes that were read belong to the caller, and may be others from here on. */
const leave = (t: State): void => {
  const { scan: s } = t;
  readByScanner(t);
  t.countedTo = 0;
  if (t.isScanning) {
    const { line, column } = placeOf(s, s.at);
    s.line = line;
    s.lineFrom = 0;
    s.lineColumn = column;
  }
  keep(t, s.bytes.subarray(s.at, s.end));
  t.looked = t.waitingLength;
  t.takenAt -= s.at;
  s.bytes = waitingBytes(t);
  s.latin = undefined;
  s.end = s.bytes.length;
  s.at = 0;
  s.seen = 0;
};

/** Fewer bytes than these are not worth the change. */
const WORTHWHILE = 256;
const MOST_FED = 64 * 1024;

/** Tells saxes which elements are open, and where it is. */
const handOver = (t: State): void => {
  const { scan: s, saxes, known } = t;
  let same = 0;
  while (same < known.length && known[same] === s.open[same]?.name) same += 1;
  const closed = known.slice(same).reverse();
  const opened = s.open.slice(same).map(({ name }) => name);
  readByScanner(t);
  saxes.resume(closed, opened, placeOf(s, s.at), s.wantsText);
  t.isScanning = false;
  t.least = s.at - t.takenAt < WORTHWHILE ? Math.min(2 * t.least + WORTHWHILE / 4, MOST_FED) : 0;
};

const writeToSaxes = (t: State, text: string): void => {
  t.feeds += 1;
  t.isFeeding = true;
  t.saxes.write(text);
  t.isFeeding = false;
};

/** Lets saxes read on up to the end of a tag or section, and the scanner behind it where it may. */
const feed = (t: State): void => {
  const { scan: s, saxes } = t;
  const unit = t.isOff
    ? undefined
    : saxes.hasRoot()
      ? unitEnd(s.bytes, s.at + t.least)
      : rootEnd(s.bytes, s.at);
  const to = unit ?? s.end;
  writeToSaxes(t, decode(s, s.at, to));
  s.at = to;
  if (!saxes.hasRoot()) return;
  if (s.open.length === 0) t.isOff = true;
  if (t.isOff || unit === undefined) return;
  if (s.open.length > 0 && saxes.isBetweenTokens()) takeOver(t);
  else t.least = Math.min(2 * t.least + WORTHWHILE / 4, MOST_FED);
};

const decode = (s: Scan, from: number, to: number): string =>
  s.isAscii ? latinOf(s, from, to) : s.bytes.toString('utf8', from, to);

const takeOver = (t: State): void => {
  const { scan: s, saxes, known } = t;
  const { line, column } = saxes.position();
  known.length = 0;
  for (const { name } of s.open) known.push(name);
  s.line = line;
  s.lineFrom = s.at;
  s.lineColumn = column;
  s.seen = s.at;
  t.takenAt = s.at;
  t.countedTo = s.at;
  t.isScanning = true;
};

const flushAll = (t: State): void => {
  if (t.waitingLength > 0) load(t, waitingBytes(t));
  if (t.isScanning) handOver(t);
  const { scan: s } = t;
  if (s.at < s.end) {
    const rest = decode(s, s.at, s.end);
    s.at = s.end;
    writeToSaxes(t, rest);
  }
  leave(t);
};
