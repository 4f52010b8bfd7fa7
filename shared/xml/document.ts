import { SourceRefused, XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import type { Contract } from '../feed/contract.ts';
import { newDecoder } from './decode.ts';
import { decompress } from './decompress.ts';
import { addText, closeElement, openElement } from './elements.ts';
import { type Emission, emitRecord, newEmission } from './emit.ts';
import { type Held, newHeld } from './held.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { newXmlParser, type XmlParser } from './parser.ts';
import { type Plan, toPlan } from './plan.ts';
import { settled, UNDECIDED } from './record.ts';
import { newWalk, type Walk } from './walk.ts';

/**
 * One XML document becomes typed rows: decompress by content, decode, parse, match, type. Memory is one record
 * and one chunk, whatever the document's size.
 */

/** Row numbers go on over the documents of a step; the caller keeps one of these for the step. */
export interface RowNumbers {
  /** `_row` is base + n, n = 1, 2, … in document order, apart for each table. */
  readonly base: number;
  /** Rows numbered so far, by the table's index in the contract; starts as zeros. */
  readonly used: number[];
}

export interface DocumentOptions {
  readonly contract: Contract;
  /** URL, or key and page: what error messages start with. */
  readonly place: string;
  readonly rowNumbers: RowNumbers;
  /** Absolute paths wanted besides rows, by a name of the caller's: `{ next: path }`. The first match counts. */
  readonly wanted?: Readonly<Record<string, string>>;
  /** Told at once of a wanted value that no predicate on children can still undo: a next page may be fetched meanwhile. */
  readonly onWanted?: (name: string, value: string) => void;
  /** Charset of the HTTP header; a byte order mark stands above it, the XML declaration below it. */
  readonly charset?: string;
  /** @default DEFAULT_LIMITS */
  readonly limits?: Limits;
  /** Rows of the first table whose cursor lies outside `[fromMs, toMs)` are dropped and counted; lookback is in fromMs. */
  readonly cursorBounds?: { readonly fromMs: number; readonly toMs: number };
}

/** A row that could not be typed, kept with its reason and place. */
export interface Reject {
  /** `schema.table`. */
  readonly table: string;
  /** `_row` that the row would have had. */
  readonly row: number;
  readonly line: number;
  readonly column: number;
  /** `column <- path` at fault. */
  readonly path: string;
  readonly reason: string;
  /** The value as it was read, cut at 1,000 characters; null when there was none. */
  readonly raw: string | null;
}

export interface RowSink {
  /** One typed row: `values` by the table's columns in contract order, in canonical text; null is null. The array is the sink's to keep. */
  row(table: number, values: readonly (string | null)[], row: number, parentRow: number | undefined): void;
  reject(reject: Reject): void;
  /** Called between chunks; the document waits for it: backpressure. Undefined is ready now. */
  ready(): Promise<void> | undefined;
}

export interface DocumentSummary {
  /** Record elements: those of tables that lie below no other table's rows, kept or not. */
  readonly records: number;
  /** Rows given to the sink, by the table's index in the contract. */
  readonly rows: readonly number[];
  /** Rows given to `sink.reject`. */
  readonly rejects: number;
  /** Of them, how many were of each table; tables without any are left out. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Child rows that went with a rejected parent; not in `rejects`. */
  readonly orphans: number;
  /** Records outside the cursor's bounds; their child rows went with them. */
  readonly outside: number;
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
}

/** Bytes decoded at once: text of its own is read faster than a part of a larger one, and stays in the processor's cache. */
const PIECE_BYTES = 64 * 1024;

/**
 * Parses one document. Throws XmlMalformed, SourceTruncated (the body ended before its root closed), XmlLimitExceeded,
 * XmlUnsupported, SourceRefused (an HTML page) or DocumentMismatch, each with place, line and column; an error of `chunks`
 * passes through. After any error the rows already given to the sink are worth nothing.
 */
export const parseDocument = async (
  chunks: AsyncIterable<Uint8Array>,
  options: DocumentOptions,
  sink: RowSink,
): Promise<DocumentSummary> => {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const plan = toPlan(options.contract, options.wanted ?? {});
  const reading = newReading(plan, limits, options, sink);
  const decoder = newDecoder(options.place, options.charset, () => reading.parser.position().line);
  let bytes = 0;
  for await (const chunk of decompress(chunks, options.place)) {
    bytes += chunk.length;
    if (bytes > limits.documentSize) {
      reading.parser.refuse(
        XmlLimitExceeded,
        `the document is over documentSize, ${limits.documentSize} bytes`,
      );
    }
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      reading.write(decoder.decode(chunk.subarray(at, at + PIECE_BYTES)));
    }
    const wait = sink.ready();
    if (wait !== undefined) await wait;
  }
  reading.write(decoder.end());
  reading.parser.end();
  return summarize(reading.emission, reading.walk, plan, bytes);
};

interface Reading {
  readonly parser: XmlParser;
  readonly walk: Walk;
  readonly emission: Emission;
  readonly write: (text: string) => void;
}

/** Characters of a document that is no XML: enough to see what it is. */
const START_SHOWN = 60;

const newReading = (plan: Plan, limits: Limits, options: DocumentOptions, sink: RowSink): Reading => {
  const parser = newXmlParser(options.place, limits, {
    open: (name, attributes) => openElement(walk, name, attributes),
    text: (text) => addText(walk, text),
    close: () => closeElement(walk),
    missesDefault: (element, attribute) => {
      // Where nothing is mapped a default changes nothing, unless it is a namespace.
      if (walk.top.state.isDead && !attribute.startsWith('xmlns')) return;
      parser.refuse(XmlUnsupported, `attribute ${attribute} of <${element}> by a default of its DTD`);
    },
  });
  const emission = newEmission(plan, options, sink, parser.refuse);
  const walk = newWalk({
    plan,
    limits,
    position: parser.position,
    refuse: parser.refuse,
    onRecord: (rows) => emitRecord(emission, rows),
    onWanted: options.onWanted ?? (() => undefined),
  });
  let head = '';
  const write = (text: string): void => {
    walk.pieces += 1;
    if (parser.hasRoot()) {
      parser.write(text);
      return;
    }
    if (head.length < 512) head += text.slice(0, 512);
    try {
      parser.write(text);
    } catch (error) {
      // A login page is seldom well-formed; its name says more than the place where it is not.
      const isPage =
        error instanceof XmlMalformed && !parser.hasRoot() && /^\s*<(?:!doctype\s+html|html)\b/i.test(head);
      if (isPage)
        throw new SourceRefused(`${options.place}: the source answered with an HTML page`, { cause: error });
      if (!(error instanceof XmlMalformed) || parser.hasRoot()) throw error;
      const start = JSON.stringify(head.trimStart().slice(0, START_SHOWN));
      throw new XmlMalformed(`${error.message}; the document starts with ${start}`, { cause: error });
    }
  };
  return { parser, walk, emission, write };
};

const summarize = (e: Emission, walk: Walk, plan: Plan, bytes: number): DocumentSummary => {
  const wanted: Record<string, string> = {};
  for (const [slot, name] of plan.holders[0]?.wanted ?? []) {
    const found = settled(walk.holdings[0]?.entries[slot]);
    const first = Array.isArray(found) ? found[0] : found;
    if (found !== UNDECIDED && typeof first === 'string') wanted[name] = first;
  }
  const matched = plan.tables.flatMap((table, t) => [
    ...(e.found[t] === true ? [table.table] : []),
    ...table.columns
      .filter((column, c) => column.source.kind !== 'slot' || e.matched[t]?.[c])
      .map((column) => `${table.table}.${column.name}`),
  ]);
  const rejected = plan.tables.map(({ table }, t) => [table, e.rejects[t] ?? 0] as const);
  const { records, rows, orphans, outside, largestCursor } = e;
  return {
    records,
    rows,
    rejects: rejected.reduce((sum, [, n]) => sum + n, 0),
    rejected: Object.fromEntries(rejected.filter(([, n]) => n > 0)),
    orphans,
    outside,
    bytes,
    largestCursor,
    matched,
    held: newHeld(walk.automaton, e.options.contract),
    wanted,
  };
};
