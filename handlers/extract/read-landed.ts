import { SourceTruncated, TerminalError, XmlMalformed } from '../../shared/errors.ts';
import type { LandedObject } from '../../shared/state/records.ts';
import type { DocumentOptions } from '../../shared/xml/document.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import { asMovedNothing } from './moved-nothing.ts';
import { readDocument } from './read-document.ts';
import type { StepReading } from './read-pages.ts';
import type { StagedFiles } from './staged-files.ts';
import { addPage, NO_PAGES } from './step-counts.ts';
import type { StepTimes } from './step-times.ts';
import type { Stopwatch } from './stopwatch.ts';

export interface LandedDeps {
  readonly streams: ObjectStreams;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stopwatch: Stopwatch;
  /** @default STEP_TIMES */
  readonly times?: StepTimes | undefined;
}

export const placeOf = ({ bucket, key }: LandedObject): string => `s3://${bucket}/${key}`;

/** Reads a landed object, whole or not at all: it has no page to go on from. */
export const readLanded = async (
  object: LandedObject,
  document: Pick<DocumentOptions, 'contract' | 'rowNumbers' | 'cursorBounds' | 'valueText'>,
  files: StagedFiles,
  deps: LandedDeps,
): Promise<StepReading> => {
  const startMs = deps.clock.now();
  const place = placeOf(object);
  const read = { bytes: 0 };
  try {
    const body = await deps.stopwatch.time('wait for headers', () => deps.streams.open(object, deps.signal));
    const chunks = countBytes(body, read);
    const summary = await readDocument(chunks, { ...document, place }, files.sinkOf(place), deps);
    return { counts: addPage(NO_PAGES, summary), continuation: null, isCut: false };
  } catch (error) {
    const tell = (seconds: number): string =>
      `${place} was read for ${seconds} s and is not done, ${read.bytes} of ${object.bytes} bytes; a file that may be cut is read in ranges with a source.s3.splitBytes below its size`;
    throw toDocumentError(asMovedNothing(error, startMs, deps, tell), read.bytes === object.bytes);
  }
};

/** Where every byte came and the document ends early, the object itself does, and always will. */
export const toDocumentError = (error: unknown, isAllRead: boolean): unknown =>
  error instanceof SourceTruncated && isAllRead ? new XmlMalformed(error.message, { cause: error }) : error;

/** Whether the bytes themselves gave the error: from a wrong place on, or damaged, they may give any. */
export const isOfDocument = (error: unknown): error is Error =>
  error instanceof SourceTruncated || (error instanceof TerminalError && error.fate === 'document');

/** Passes bytes on and counts them. */
export async function* countBytes(chunks: AsyncIterable<Uint8Array>, read: { bytes: number }) {
  for await (const chunk of chunks) {
    read.bytes += chunk.byteLength;
    yield chunk;
  }
}
