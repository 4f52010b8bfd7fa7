import type { Feed } from '../../shared/model/feed.ts';
import type { LandedObject, PlanRecord, Slice } from '../../shared/state/records.ts';
import { DEFAULT_LIMITS } from '../../shared/xml/limits.ts';
import { findHead, type Head, MOST_HEAD_BYTES } from '../../shared/xml/ranges/find-head.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';

/** Items of one plan. */
const MAX_SLICES = 200;

export interface RangePlan {
  readonly slices: readonly Slice[];
  readonly head?: Head;
  readonly warnings?: NonNullable<PlanRecord['warnings']>;
}

/** The slices of a landed object: ranges of it where it is large and may be cut, else the whole; a large one that may not is warned of. */
export const planRanges = async (
  { contract }: Feed,
  splitBytes: number | undefined,
  object: LandedObject,
  partition: Slice['partition'],
  deps: { readonly streams: ObjectStreams; readonly signal: AbortSignal },
): Promise<RangePlan> => {
  const whole = [{ slice: 0, partition }];
  // Over the document's limit it is refused by name as soon as it is read.
  if (splitBytes === undefined || object.bytes <= splitBytes || object.bytes > DEFAULT_LIMITS.documentSize) {
    return { slices: whole };
  }
  const start = await readStart(object, deps);
  const head = findHead(start, contract, `s3://${object.bucket}/${object.key}`);
  if (!('why' in head)) return { slices: toSlices(head, splitBytes, object.bytes, partition), head };
  const warning = `the object is over splitBytes and was read by one function, not in ranges: ${head.why}`;
  return { slices: whole, warnings: [warning] };
};

const readStart = async (
  object: LandedObject,
  { streams, signal }: { readonly streams: ObjectStreams; readonly signal: AbortSignal },
): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  const range = { from: 0, to: MOST_HEAD_BYTES };
  for await (const chunk of await streams.open(object, signal, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
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
