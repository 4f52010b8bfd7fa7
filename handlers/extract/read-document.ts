import {
  type DocumentOptions,
  type DocumentSummary,
  parseDocument,
  type RowSink,
} from '../../shared/xml/document.ts';
import type { Stopwatch } from './stopwatch.ts';

/** Parses one document into a sink; waiting for bytes counts as read, waiting for the sink as encode, the rest as parse. */
export const readDocument = (
  chunks: AsyncIterable<Uint8Array>,
  options: DocumentOptions,
  sink: RowSink,
  deps: { readonly stopwatch: Stopwatch },
): Promise<DocumentSummary> =>
  readTimed(chunks, deps, (timedChunks, timed) => parseDocument(timedChunks, options, timed(sink)));

/** Parses what is given to `parse`, with its sink, so that each wait is timed. */
export const readTimed = <T>(
  chunks: AsyncIterable<Uint8Array>,
  { stopwatch }: { readonly stopwatch: Stopwatch },
  parse: (chunks: AsyncIterable<Uint8Array>, timed: (sink: RowSink) => RowSink) => Promise<T>,
): Promise<T> => {
  const timed = (sink: RowSink): RowSink => ({
    ...sink,
    ready: () => {
      const wait = sink.ready();
      return wait === undefined ? undefined : stopwatch.time('encode', () => wait);
    },
  });
  return stopwatch.time('parse', () => parse(timeReads(chunks, stopwatch), timed));
};

async function* timeReads(chunks: AsyncIterable<Uint8Array>, stopwatch: Stopwatch) {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await stopwatch.time('read', () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
