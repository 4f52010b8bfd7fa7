import { LONGEST_PIECE } from '../copy.ts';
import { newUtf8Decoder } from '../decode.ts';
import {
  type DocumentOptions,
  type DocumentSummary,
  newReading,
  type Reading,
  summarize,
} from '../document.ts';
import { closeElement, freezeAround } from '../elements.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { toMatcher } from '../matcher.ts';
import type { RowSink } from '../row-sink.ts';
import { type Cut, cutAtTags, type Piece } from './cut-at-tags.ts';
import type { Head } from './find-head.ts';

/**
 * One range of a document, read apart from what goes before it. After the head it reads on where a record starts, as if nothing stood
 * between, up to the first start tag at or after the range's end that is one: by then the parser knows comments and CDATA sections from
 * tags. Whether a record truly starts where it began is not seen from here: the range before it ends there, or does not.
 */

export interface RangeOf {
  readonly head: Head;
  /** The bytes before the first record. */
  readonly headBytes: Uint8Array;
  /** Half-open. */
  readonly from: number;
  readonly to: number;
  /** Of the whole document. */
  readonly size: number;
  /** Where a record is known to start; without it the range's first tag of that name is taken for one. */
  readonly start?: number | undefined;
}

export interface RangeSummary {
  readonly start: number;
  /** Where the next range has to start: a record's tag, or the document's size. */
  readonly end: number;
  /** Undefined where nothing starts in the range. */
  readonly document: DocumentSummary | undefined;
}

/**
 * Parses a range; `chunks` begin at its known start, else at `from`. Lines are counted from where it starts, which its place names. Gives undefined when a guessed start leads nowhere: no end is found
 * within as many bytes again as the range has. Throws as parseDocument does; after a guessed start an error may mean nothing.
 */
export const parseRange = async (
  chunks: AsyncIterable<Uint8Array>,
  range: RangeOf,
  options: DocumentOptions,
  sinkOf: (place: string) => RowSink,
): Promise<RangeSummary | undefined> => {
  if (range.start !== undefined && range.start >= range.to) return nothing(range.start);
  const cut: Cut = { from: range.start === undefined ? range.from : range.to };
  const patience = range.start === undefined ? 2 * range.to - range.from : Number.POSITIVE_INFINITY;
  let { start } = range;
  let reader = start === undefined ? undefined : newRangeReader(range, start, options, sinkOf);
  for await (const piece of cutAtTags(chunks, start ?? range.from, range.head.tag, cut)) {
    if (piece.at >= patience) return undefined;
    if (reader === undefined) {
      if (!piece.isTag) continue;
      if (piece.at >= range.to) return nothing(piece.at);
      start = piece.at;
      cut.from = range.to;
      reader = newRangeReader(range, start, options, sinkOf);
    } else if (piece.isTag && piece.at >= range.to && reader.isBetweenRecords()) {
      return { start: start ?? piece.at, end: piece.at, document: reader.summary() };
    }
    await reader.read(piece);
  }
  if (start === undefined || reader === undefined) return nothing(range.size);
  reader.end();
  return { start, end: range.size, document: reader.summary() };
};

const nothing = (at: number): RangeSummary => ({ start: at, end: at, document: undefined });

interface RangeReader {
  read(piece: Piece): Promise<void>;
  /** Whether all that was read is whole children of the elements that the head left open. */
  isBetweenRecords(): boolean;
  /** The document has ended. Throws where it may not end here. */
  end(): void;
  summary(): DocumentSummary;
}

const newRangeReader = (
  { head, headBytes }: RangeOf,
  start: number,
  options: DocumentOptions,
  sinkOf: (place: string) => RowSink,
): RangeReader => {
  const isFirst = start === head.bytes;
  const place = isFirst ? options.place : `${options.place} from byte ${start}`;
  const sink = sinkOf(place);
  const limits = options.limits ?? DEFAULT_LIMITS;
  const matcher = toMatcher(options.contract, options.wanted ?? {});
  const warnings = new Set<string>();
  let hasLeft = false;
  const reading: Reading = newReading(
    matcher,
    limits,
    { ...options, place },
    sink,
    (what) => void warnings.add(what),
    (walk) => {
      const wantsText = closeElement(walk);
      if (walk.depth < head.depth) hasLeft = true;
      return wantsText;
    },
  );
  const { walk, parser } = reading;
  replay(reading, headBytes, place);
  hasLeft = false; // the head has elements of its own, which closed in it
  freezeAround(walk);
  if (!isFirst) parser.startLines();
  const decoder = newUtf8Decoder({ name: place, line: reading.line });
  let bytes = isFirst ? head.bytes : 0;
  return {
    read: async (piece) => {
      bytes += piece.bytes.length;
      for (let at = 0; at < piece.bytes.length; at += LONGEST_PIECE) {
        reading.write(decoder.take(piece.bytes.subarray(at, at + LONGEST_PIECE)));
      }
      const wait = sink.ready();
      if (wait !== undefined) await wait;
    },
    // The parser is asked first: it reads what still waits for more bytes.
    isBetweenRecords: () => parser.isInContent() && !hasLeft && walk.depth === head.depth,
    end: () => {
      parser.flush();
      reading.write(decoder.end());
      parser.end();
    },
    summary: () => ({ ...summarize(reading.emission, walk, matcher, bytes), warnings: [...warnings] }),
  };
};

const BYTE_ORDER_MARK = '\ufeff';

const replay = ({ write, parser }: Reading, headBytes: Uint8Array, place: string): void => {
  const decoder = newUtf8Decoder({ name: place, line: () => parser.position().line });
  const text = decoder.decode(headBytes);
  write(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  parser.flush();
};
