import { buffer } from 'node:stream/consumers';
import type { Feed } from '../../shared/model/feed.ts';
import type { LandedObject, Piece, PlanRecord, Slice } from '../../shared/state/records.ts';
import { decompress, isCompressed } from '../../shared/xml/decompress.ts';
import { DEFAULT_LIMITS } from '../../shared/xml/limits.ts';
import { findHead, type Head, MOST_HEAD_BYTES, type NotCut } from '../../shared/xml/ranges/find-head.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readExpansion, sizeOf } from './expansion.ts';
import { isOfDocument, placeOf } from './read-landed.ts';

/** Items of one plan. */
const MAX_SLICES = 200;

export interface RangePlan {
  readonly slices: readonly Slice[];
  readonly head?: Head;
  /** The document has to be expanded first. */
  readonly expands?: true;
  readonly expanded?: Piece[];
  readonly warnings?: NonNullable<PlanRecord['warnings']>;
}

interface Landed {
  readonly batch: string;
  readonly object: LandedObject;
  readonly partition: Slice['partition'];
}

interface RangeDeps {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly signal: AbortSignal;
}

/**
 * The slices of a landed object: ranges of it where it is large and may be cut, else the whole; a large one that may not is warned of. Of a
 * compressed object ranges are read of the document that it was expanded to, which a plan of its own comes before.
 */
export const planRanges = async (
  { feed, contract }: Feed,
  splitBytes: number | undefined,
  { batch, object, partition }: Landed,
  deps: RangeDeps,
): Promise<RangePlan> => {
  const whole = [{ slice: 0, partition }];
  // Over the document's limit it is refused by name as soon as it is read.
  if (splitBytes === undefined || object.bytes <= splitBytes || object.bytes > DEFAULT_LIMITS.documentSize) {
    return { slices: whole };
  }
  const place = placeOf(object);
  const start = await readStart(object, deps);
  const isPacked = isCompressed(start);
  const document = isPacked ? await readDocumentStart(object, place, deps) : start;
  const head = 'why' in document ? document : findHead(document, contract, place);
  if ('why' in head) {
    const warning = `the object is over splitBytes and was read by one function, not in ranges: ${head.why}`;
    return { slices: whole, warnings: [warning] };
  }
  if (!isPacked) return { slices: toSlices(head, splitBytes, object.bytes, partition), head };
  const expanded = await readExpansion(deps.records, feed, batch);
  if (expanded === undefined) return { slices: whole, expands: true };
  return { slices: toSlices(head, splitBytes, sizeOf(expanded), partition), head, expanded };
};

const readStart = async (object: LandedObject, { streams, signal }: RangeDeps): Promise<Buffer> =>
  buffer(await streams.open(object, signal, { from: 0, to: MOST_HEAD_BYTES }));

/** The first bytes of the document that an object holds compressed. Damage is a reason not to cut: whoever reads it whole tells of it. */
const readDocumentStart = async (
  object: LandedObject,
  place: string,
  { streams, signal }: RangeDeps,
): Promise<Buffer | NotCut> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decompress(await streams.open(object, signal), place)) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_HEAD_BYTES) break;
    }
  } catch (error) {
    if (!isOfDocument(error)) throw error;
    return { why: error.message };
  }
  return Buffer.concat(chunks).subarray(0, MOST_HEAD_BYTES);
};

const toSlices = (
  { bytes }: Head,
  splitBytes: number,
  size: number,
  partition: Slice['partition'],
): Slice[] => {
  const rangeBytes = Math.max(splitBytes, Math.ceil((size - bytes) / MAX_SLICES));
  const count = Math.ceil((size - bytes) / rangeBytes);
  return Array.from({ length: count }, (_, slice) => {
    const from = bytes + slice * rangeBytes;
    return { slice, partition, range: { from, to: Math.min(from + rangeBytes, size) } };
  });
};
