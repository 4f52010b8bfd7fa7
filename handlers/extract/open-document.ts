import { XmlLimitExceeded } from '../../shared/errors.ts';
import type { LandedObject } from '../../shared/state/records.ts';
import { decompress } from '../../shared/xml/decompress.ts';
import type { Limits } from '../../shared/xml/limits.ts';
import { countBytes, type LandedDeps, placeOf, toDocumentError } from './read-landed.ts';

export interface DocumentOf {
  readonly object: LandedObject;
  /** Offset of the document's first byte that is wanted. */
  readonly from: number;
  readonly limits: Limits;
  /** Counts what was read of the object. */
  readonly read: { bytes: number };
}

/**
 * The document that a compressed object holds, from one byte on. A compressed stream cannot be entered in its midst: it is read from its
 * start, and what comes before is dropped. Throws as decompress and ObjectStreams.open do, XmlMalformed of an object that ends early, and
 * XmlLimitExceeded of a document that is too large.
 */
export async function* openDocument(
  { object, from, limits, read }: DocumentOf,
  { streams, signal, stopwatch }: Pick<LandedDeps, 'streams' | 'signal' | 'stopwatch'>,
): AsyncGenerator<Uint8Array> {
  const place = placeOf(object);
  let at = 0;
  try {
    const body = await stopwatch.time('wait for headers', () => streams.open(object, signal));
    for await (const chunk of decompress(countBytes(body, read), place, limits)) {
      const start = Math.max(0, from - at);
      at += chunk.length;
      if (at > limits.documentSize) {
        throw new XmlLimitExceeded(
          `${place}: the document is over documentSize, ${limits.documentSize} bytes`,
        );
      }
      if (start < chunk.length) yield chunk.subarray(start);
    }
  } catch (error) {
    throw toDocumentError(error, read.bytes === object.bytes);
  }
}
