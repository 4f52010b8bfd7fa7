import { Readable } from 'node:stream';
import { InvalidInput, OutOfTime } from '../../shared/errors.ts';
import { toKey } from '../../shared/state/keys.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import { DEFAULT_LIMITS, type Limits } from '../../shared/xml/limits.ts';
import { toTraceMark } from '../trace-mark.ts';
import { type Ahead, lookAhead } from './look-ahead.ts';
import { asMovedNothing } from './moved-nothing.ts';
import { openDocument } from './open-document.ts';
import { planNameOf } from './plan-name.ts';
import { NOTHING_READ, publishStep, type StepOutcome } from './publish-step.ts';
import { placeOf } from './read-landed.ts';
import { readSteps } from './read-steps.ts';
import type { SlicePosition } from './slice-position.ts';
import type { StepDeps } from './step-deps.ts';
import type { Stopwatch } from './stopwatch.ts';

/** Bytes of one piece: some ten seconds of upload, which is what a function that dies half-way loses. */
const PIECE_BYTES = 2 ** 30;

export interface ExpandInput {
  readonly plan: PlanRecord;
  readonly position: SlicePosition;
  readonly deadlineMs: number;
  /** @default 1 GiB */
  readonly pieceBytes?: number;
  /** @default - those of every document */
  readonly limits?: Limits;
}

export type ExpandDeps = StepDeps & { readonly stopwatch: Stopwatch };

/**
 * Expands a compressed object, piece by piece, as long as there is time. Each piece is a step: who comes next goes on behind those that are
 * there, whoever uploaded them, since the bytes are the same.
 */
export const expandObject = async (input: ExpandInput, deps: ExpandDeps): Promise<StepOutcome> => {
  const { plan, position, limits = DEFAULT_LIMITS } = input;
  const { object } = plan;
  if (object === undefined) throw new InvalidInput(`plan of ${plan.batch} names no landed object`);
  const startMs = deps.clock.now();
  const from = await findEnd(input, deps);
  const read = { bytes: 0 };
  const document = lookAhead(openDocument({ object, from, limits, read }, deps), (wait) =>
    deps.stopwatch.time('read', wait),
  );
  let { step } = position;
  try {
    for (;;) {
      const outcome = await expandPiece(document, step, input, deps);
      if (outcome !== 'cut') return outcome;
      step += 1;
    }
  } catch (error) {
    if (step > position.step) throw error;
    const tell = (seconds: number): string =>
      `${placeOf(object)} was expanded for ${seconds} s, and nothing behind byte ${from} of the document is done, ${read.bytes} of ${object.bytes} bytes were read`;
    throw asMovedNothing(error, startMs, deps, tell);
  } finally {
    await document.close();
  }
};

/** Where the document goes on: behind the pieces of the steps before. */
const findEnd = async ({ plan, position }: ExpandInput, { records }: ExpandDeps): Promise<number> => {
  const { restart } = position;
  const name = { ...planNameOf(plan), slice: 0, restart };
  const names = Array.from({ length: position.step }, (_, step) => ({ ...name, step }));
  const steps = await readSteps(records, names);
  return steps.reduce((sum, { step: { piece } }) => sum + (piece?.bytes ?? 0), 0);
};

/** More of the document is to come. A continuation to page 0 does not age. */
const GO_ON = { url: '', page: 0 };

/** Uploads one piece and publishes it. */
const expandPiece = async (
  document: Ahead<Uint8Array>,
  step: number,
  { plan, position, deadlineMs, pieceBytes = PIECE_BYTES }: ExpandInput,
  { clock, streams, signal, stopwatch, invocation, nextPart, ...deps }: ExpandDeps,
): Promise<StepOutcome> => {
  const { feed, batch } = plan;
  await document.peek(); // what is there already is read and dropped by now
  if (clock.now() >= deadlineMs) throw new OutOfTime(`no piece of ${batch} began before the deadline`);
  const taken = { bytes: 0 };
  const isFull = () => taken.bytes >= pieceBytes || (taken.bytes > 0 && clock.now() >= deadlineMs);
  const body = Readable.from(takeUntil(document, taken, isFull), { objectMode: false });
  const key = toKey({ kind: 'piece', feed, batch, invocation, part: nextPart() });
  const uploaded = await stopwatch.time('upload', () => streams.upload(key, body, signal));
  const isLast = (await document.peek()) === undefined;
  const record = {
    ...NOTHING_READ,
    invocation,
    ...toTraceMark(deps.tracer.traceId()),
    at: new Date(clock.now()).toISOString(),
    bytes: taken.bytes,
    continuation: isLast ? null : GO_ON,
    piece: { ...uploaded, bytes: taken.bytes },
  };
  const place = { plan, slice: 0, position: { ...position, step } };
  return stopwatch.time('publish', () =>
    publishStep(place, record, clock.now() < deadlineMs, { ...deps, invocation }),
  );
};

async function* takeUntil(
  document: Ahead<Uint8Array>,
  taken: { bytes: number },
  isFull: () => boolean,
): AsyncGenerator<Uint8Array> {
  while (!isFull()) {
    const chunk = await document.peek();
    if (chunk === undefined) return;
    document.take();
    taken.bytes += chunk.length;
    yield chunk;
  }
}
