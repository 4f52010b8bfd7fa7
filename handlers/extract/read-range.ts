import { buffer } from 'node:stream/consumers';
import type { LandedObject, Piece, PlanRecord, Slice } from '../../shared/state/records.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import { parseRange } from '../../shared/xml/ranges/parse-range.ts';
import type { ByteRange } from '../ports/object-streams.ts';
import { readPieces, sizeOf } from './expansion.ts';
import { asMovedNothing } from './moved-nothing.ts';
import { readTimed } from './read-document.ts';
import { countBytes, isOfDocument, type LandedDeps, placeOf, toDocumentError } from './read-landed.ts';
import type { StepReading } from './read-pages.ts';
import type { StagedFiles } from './staged-files.ts';
import { addPage, NO_PAGES } from './step-counts.ts';

/** Thrown when a range that began at a guess came to nothing: it is read again from where the range before it ends. */
export class GuessLost extends Error {
  override readonly name = 'GuessLost';
  readonly start: number;
  constructor(start: number, cause?: unknown) {
    super(`no record starts at byte ${start} or soon behind it`, { cause });
    this.start = start;
  }
}

/** One range, and where it is known to start. */
export interface RangeInput {
  readonly object: LandedObject;
  /** The document that the object was expanded to. @default - the object is the document */
  readonly expanded?: readonly Piece[] | undefined;
  readonly head: NonNullable<PlanRecord['head']>;
  readonly range: NonNullable<Slice['range']>;
  readonly start: number | undefined;
}

/** Reads one range of a landed object, whole or not at all. Throws GuessLost. */
export const readRange = async (
  input: RangeInput,
  document: Pick<DocumentOptions, 'contract' | 'rowNumbers' | 'cursorBounds' | 'valueText'>,
  files: StagedFiles,
  deps: LandedDeps,
): Promise<StepReading> => {
  const { object, expanded, head, range, start } = input;
  const size = expanded === undefined ? object.bytes : sizeOf(expanded);
  const startMs = deps.clock.now();
  const place = placeOf(object);
  const from = start ?? range.from;
  const read = { bytes: from };
  try {
    const headBytes = await buffer(await open(input, { from: 0, to: head.bytes }, deps));
    const of = { head, headBytes, ...range, size, start };
    const body = from < size ? await open(input, { from }, deps) : nothing();
    const summary = await readTimed(countBytes(body, read), deps, (chunks, timed) =>
      parseRange(chunks, of, { ...document, place }, (at) => timed(files.sinkOf(at))),
    );
    if (summary === undefined) throw new GuessLost(from);
    const { start: startedAt, end } = summary;
    const counts = summary.document === undefined ? NO_PAGES : addPage(NO_PAGES, summary.document);
    return { counts, continuation: null, isCut: false, range: { start: startedAt, end } };
  } catch (error) {
    if (start === undefined && isOfDocument(error)) throw new GuessLost(from, error);
    const tell = (seconds: number): string =>
      `${place} was read for ${seconds} s from byte ${from} to ${read.bytes}, and no record ended the range there`;
    throw toDocumentError(asMovedNothing(error, startMs, deps, tell), read.bytes === size);
  }
};

const open = async (
  { object, expanded }: RangeInput,
  bytes: ByteRange,
  deps: LandedDeps,
): Promise<AsyncIterable<Uint8Array>> => {
  if (expanded !== undefined) return readPieces(expanded, bytes, deps);
  const { streams, signal, stopwatch } = deps;
  return stopwatch.time('wait for headers', () => streams.open(object, signal, bytes));
};

/** S3 refuses a range that begins behind the last byte. */
async function* nothing(): AsyncGenerator<Uint8Array> {}
