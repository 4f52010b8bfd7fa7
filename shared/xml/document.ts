import { SourceRefused, XmlLimitExceeded, XmlMalformed } from '../errors.ts';
import { LONGEST_PIECE } from './copy.ts';
import type { CursorOrder } from './cursor-order.ts';
import { newDecoder } from './decode.ts';
import { decompress } from './decompress.ts';
import { addText, closeElement, openElement, openWritten } from './elements.ts';
import { type Emission, newEmission } from './emission.ts';
import { emitRecord } from './emit.ts';
import { type Held, newHeld } from './held.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { toMatcher } from './matcher.ts';
import type { Matcher } from './matcher-shape.ts';
import { settled, UNDECIDED } from './record.ts';
import type { DocumentOptions, Reject, RowFields, RowNumbers, RowSink } from './row-sink.ts';
import { replay } from './shapes/replay.ts';
import { newShapes, settleCounts } from './shapes/shapes.ts';
import { newDirect } from './shapes/write-rows.ts';
import type { TokenHandlers } from './token-handlers.ts';
import { newTokenizer, type Tokenizer } from './tokenizer.ts';
import { newWalk, type Walk } from './walk.ts';

export type { DocumentOptions, Reject, RowFields, RowNumbers, RowSink };

/**
 * One XML document becomes typed rows: decompress by content, decode, parse, match, type. Memory is one record
 * and one chunk, whatever the document's size.
 */

export interface DocumentSummary {
  /** Record elements: those of tables that lie below no other table's rows, kept or not. */
  readonly records: number;
  /** Of them, those that are nothing but tombstones. */
  readonly tombstones: number;
  /** Elements that hold records, of which saxes read something: they were not plain. */
  readonly hardRecords: number;
  /** Elements that hold records, of which each was read whole, by the shape of one before it. */
  readonly shapedRecords: number;
  /** Rows given to the sink, by the table's index in the contract. */
  readonly rows: readonly number[];
  /** Rows given to `sink.reject`. */
  readonly rejects: number;
  /** Of them, how many were of each table; tables without any are left out. */
  readonly rejected: Readonly<Record<string, number>>;
  /** `schema.table.column` whose value, or want of one, rejected a row. */
  readonly rejectedBy: readonly string[];
  /** Child rows that went with a rejected parent; not in `rejects`. */
  readonly orphans: number;
  /** Records outside the cursor's bounds; their child rows went with them. */
  readonly outside: number;
  /** Of the records whose cursor is held to bounds. */
  readonly order: Readonly<CursorOrder>;
  /** Bytes of XML read, after decompression. */
  readonly bytes: number;
  /** Largest cursor among the rows given to the sink, in canonical text. */
  readonly largestCursor: string | undefined;
  /** `schema.table` whose rows, and `schema.table.column` whose path, matched at least once. */
  readonly matched: readonly string[];
  /** What else the document holds. */
  readonly held: Held;
  /** Wanted values that were there, by name. */
  readonly wanted: Readonly<Record<string, string>>;
  /** Signs that were there, by name. */
  readonly signs: Readonly<Record<string, string>>;
  /** What should be looked at although the document was read, without its place, each once: a few at most. */
  readonly warnings: readonly string[];
}

/** Bytes decoded at once, into no more characters: text of its own is read faster than a part of a larger one, and stays in the processor's cache. */
const PIECE_BYTES = LONGEST_PIECE;

/**
 * Parses one document. A chunk is read before the next is asked for, and may be in the same memory. Throws XmlMalformed, SourceTruncated (the body ended before its root closed), XmlLimitExceeded,
 * XmlUnsupported, SourceRefused (an HTML page) or DocumentMismatch, each with place, line and column; an error of `chunks`
 * passes through. After any error the rows already given to the sink are worth nothing.
 */
export const parseDocument = async (
  chunks: AsyncIterable<Uint8Array>,
  options: DocumentOptions,
  sink: RowSink,
): Promise<DocumentSummary> => {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const matcher = toMatcher(options.contract, options.wanted ?? {}, options.signs);
  const warnings = new Set<string>();
  const warn = (what: string): void => void warnings.add(what);
  const reading = newReading(matcher, limits, options, sink, warn);
  const decoder = newDecoder({
    name: options.place,
    charset: options.charset,
    line: reading.line,
    warn,
  });
  let bytes = 0;
  const readAll = async (): Promise<void> => {
    for await (const chunk of decompress(chunks, options.place, limits)) {
      bytes += chunk.length;
      if (bytes > limits.documentSize) {
        reading.parser.flush();
        reading.parser.refuse(
          XmlLimitExceeded,
          `the document is over documentSize, ${limits.documentSize} bytes`,
        );
      }
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        reading.write(decoder.take(chunk.subarray(at, at + PIECE_BYTES)));
      }
      const wait = sink.ready();
      if (wait !== undefined) await wait;
    }
    // What waits for more bytes may be wrong before the end of the document is.
    reading.parser.flush();
    reading.write(decoder.end());
    reading.parser.end();
    if (Object.keys(readWanted(reading.walk, options.signs)).length === 0) reading.walk.refuseWithoutSign();
  };
  await readAll().catch((error: unknown) => {
    if (!(error instanceof EnoughRecords)) throw error;
  });
  return { ...summarize(reading.emission, reading.walk, matcher, bytes), warnings: [...warnings] };
};

/** Thrown out of the parser, which stops nowhere else in the midst of a chunk. */
class EnoughRecords extends Error {
  override readonly name = 'EnoughRecords';
}

/** A document that is being read. */
export interface Reading {
  readonly parser: Tokenizer;
  readonly walk: Walk;
  readonly emission: Emission;
  /** Bytes are UTF-8. */
  readonly write: (piece: string | Buffer) => void;
  /** The line that all that was written ends in. */
  readonly line: () => number;
}

/** Characters of a document that is no XML: enough to see what it is. */
const START_SHOWN = 60;

/** Starts to read a document; `close` is what an end tag does. */
export const newReading = (
  matcher: Matcher,
  limits: Limits,
  options: DocumentOptions,
  sink: RowSink,
  warn: (what: string) => void,
  close: (walk: Walk) => boolean = closeElement,
): Reading => {
  const handlers: TokenHandlers = {
    open: (name, attributes) => openElement(walk, name, attributes),
    openPlain: (name, attributes) => openWritten(walk, name, attributes),
    text: (text) => addText(walk, text),
    close: () => close(walk),
    record: (less) => replay(walk, shapes, less, direct),
    warn,
  };
  const parser = newTokenizer(options.place, limits, handlers, options.saxesAlone !== true);
  const emission = newEmission(matcher, options, sink, parser.refuse);
  const direct = sink.fields && newDirect(emission, sink.fields);
  const mostRecords = options.mostRecords ?? Number.POSITIVE_INFINITY;
  const walk = newWalk({
    matcher,
    limits,
    position: parser.position,
    refuse: parser.refuse,
    fedBefore: parser.fedBefore,
    onRecord: (rows) => {
      if (parser.fed() > walk.recordFed) emission.hardRecords += 1;
      emitRecord(emission, rows);
      if (emission.records >= mostRecords) throw new EnoughRecords();
    },
    onWanted: options.onWanted ?? (() => undefined),
  });
  const shapes = newShapes(parser.scan, parser.fed);
  walk.shapes = shapes;
  let head = '';
  const write = (piece: string | Buffer): void => {
    walk.pieces += 1;
    if (parser.hasRoot()) {
      parser.write(piece);
      return;
    }
    // A character has at most four bytes.
    if (head.length < 512)
      head += (typeof piece === 'string' ? piece : piece.toString('utf8', 0, 2048)).slice(0, 512);
    try {
      parser.write(piece);
    } catch (error) {
      if (!(error instanceof XmlMalformed) || parser.hasRoot()) throw error;
      throw explainStart(error, head, options.place);
    }
  };
  const line = (): number => {
    parser.flush();
    return parser.position().line;
  };
  return { parser, walk, emission, write, line };
};

/** What a document is that ends in an error before its root. A login page is seldom well-formed; its name says more than the place where it is not. */
export const explainStart = (
  error: XmlMalformed,
  head: string,
  place: string,
): SourceRefused | XmlMalformed => {
  if (/^\s*<(?:!doctype\s+html|html)\b/i.test(head)) {
    return new SourceRefused(`${place}: the source answered with an HTML page`, { cause: error });
  }
  const start = JSON.stringify(head.trimStart().slice(0, START_SHOWN));
  return new XmlMalformed(`${error.message}; the document starts with ${start}`, { cause: error });
};

/** What was read so far; all rows of it were given to the sink when no record is open. */
export const summarize = (
  e: Emission,
  walk: Walk,
  matcher: Matcher,
  bytes: number,
): Omit<DocumentSummary, 'warnings'> => {
  const matched = matcher.tables.flatMap((table, t) => [
    ...(e.found[t] === true ? [table.table] : []),
    ...table.columns
      .filter((column, c) => column.source.kind !== 'slot' || e.matched[t]?.[c])
      .map((column) => `${table.table}.${column.name}`),
  ]);
  const rejected = matcher.tables.map(({ table }, t) => [table, e.rejects[t] ?? 0] as const);
  if (walk.shapes !== undefined) settleCounts(walk.shapes, walk.automaton);
  const { records, tombstones, hardRecords, rows, orphans, outside, order, largestCursor } = e;
  return {
    records,
    tombstones,
    hardRecords,
    shapedRecords: walk.shapes?.read ?? 0,
    rows,
    rejects: rejected.reduce((sum, [, n]) => sum + n, 0),
    rejected: Object.fromEntries(rejected.filter(([, n]) => n > 0)),
    rejectedBy: [...e.rejectedBy],
    orphans,
    outside,
    order,
    bytes,
    largestCursor,
    matched,
    held: newHeld(walk.automaton, e.options.contract),
    wanted: readWanted(walk, e.options.wanted),
    signs: readWanted(walk, e.options.signs),
  };
};

/** Of the values that the caller wants, those that were found so far under these names. */
export const readWanted = (
  { matcher, document }: Walk,
  names: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const values: Record<string, string> = {};
  for (const [slot, of] of matcher.holders[0]?.wanted ?? []) {
    const found = settled(document.entries[slot]);
    const first = Array.isArray(found) ? found[0] : found;
    if (found === UNDECIDED || typeof first !== 'string') continue;
    for (const name of of) if (Object.hasOwn(names, name)) values[name] = first;
  }
  return values;
};
