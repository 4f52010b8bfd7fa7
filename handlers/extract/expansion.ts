import type { Piece } from '../../shared/state/records.ts';
import type { ByteRange, ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { collectSlices } from './collect-steps.ts';
import { expansionName } from './plan-name.ts';

/** The document that a compressed object was expanded to, in pieces: each is one object, whose bytes follow those of the one before. */

/** Its pieces in order; undefined as long as it is not whole. The same to all who ask, whatever executions expanded it. */
export const readExpansion = async (
  records: RecordStore,
  feed: string,
  batch: string,
): Promise<Piece[] | undefined> => {
  const collected = await collectSlices(records, expansionName(feed, batch), [0]);
  if (collected === 'unfinished') return undefined;
  return collected.steps.flatMap(({ piece }) => (piece === undefined ? [] : [piece]));
};

/** Bytes of the document. */
export const sizeOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { bytes }) => sum + bytes, 0);

/** Reads a range of the document; each piece is opened when its turn comes. Fails as ObjectStreams.open does. */
export async function* readPieces(
  pieces: readonly Piece[],
  { from, to = Number.POSITIVE_INFINITY }: ByteRange,
  { streams, signal }: { readonly streams: ObjectStreams; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const piece of pieces) {
    const range = { from: Math.max(from - start, 0), to: Math.min(to - start, piece.bytes) };
    if (range.from < range.to) yield* await streams.open(piece, signal, range);
    start += piece.bytes;
  }
}
