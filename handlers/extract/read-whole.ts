import { SourceTruncated } from '../../shared/errors.ts';
import type { Rest, SourceResponse } from '../ports/source.ts';

/** A rest that broke off, too, is asked for once more where it had a byte at least; so often in all. */
const MOST_RESTS = 100;

/**
 * A body's bytes. Where it breaks off and its server gives the rest of the same bytes, the rest is asked for and read on. Throws what
 * the body threw where there is no such rest.
 */
export async function* readWhole(
  { restTag: etag, body }: SourceResponse,
  openRest: (rest: Rest) => Promise<SourceResponse>,
): AsyncGenerator<Uint8Array> {
  let [offset, part] = [0, body];
  for (let rests = 0; ; rests += 1) {
    const from = offset;
    try {
      for await (const chunk of part) {
        offset += chunk.byteLength;
        yield chunk;
      }
      return;
    } catch (error) {
      const isMoving = offset > from && rests < MOST_RESTS;
      if (!(error instanceof SourceTruncated) || etag === undefined || !isMoving) throw error;
      const response = await openRest({ offset, etag });
      // It is another document now, or its server does without ranges: it is copied from the start.
      if (response.isRest !== true) {
        for await (const _ of response.body) break; // frees the connection
        throw error;
      }
      part = response.body;
    }
  }
}
