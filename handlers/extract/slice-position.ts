import {
  type PlanName,
  parseKey,
  refusalsPrefix,
  type StepName,
  sliceStepsPrefix,
  toKey,
} from '../../shared/state/keys.ts';
import { type StepRecord, stepRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { readKnownRecord } from '../records.ts';
import { readSpool } from './spool.ts';

/** Where a slice stands: the step to do next, and where it starts; null is the slice's own start. */
export interface SlicePosition {
  readonly restart: number;
  readonly step: number;
  readonly continuation: StepRecord['continuation'];
  /** Some step of this slice has moved nothing in an execution's whole time. */
  readonly hasStalled: boolean;
  /** Byte that a range is known to start at. */
  readonly start?: number;
}

/** Longest time between a step and the next: what a link counts pages of moves on, and rows that slip between two pages are lost. */
const CONTINUATION_MS = 10 * 60_000;

/**
 * Reads where a slice stands: `complete` when any restart's last step has no continuation, else the end of the highest
 * restart's chain, or a new restart where that end is old. Restarts that were refused do not count. Two LISTs, and one
 * GET a restart.
 */
export const readPosition = async (
  records: RecordStore,
  plan: PlanName,
  slice: number,
  nowMs: number,
): Promise<SlicePosition | 'complete'> => {
  const firstRestart = await readFirstRestart(records, plan);
  const { keys } = await records.list(sliceStepsPrefix({ ...plan, slice }));
  const names = parseStepNames(keys).filter(({ restart }) => restart >= firstRestart);
  const hasStalled = keys.some((key) => parseKey(key).kind === 'stall');
  let position: SlicePosition = { restart: firstRestart, step: 0, continuation: null, hasStalled };
  for (const last of lastSteps(names)) {
    const { continuation, at } = await readKnownRecord(records, toKey({ kind: 'step', ...last }), stepRecord);
    if (continuation === null) return 'complete';
    // The start of a partition is no link, and does not age.
    const isOld =
      continuation.page > 0 &&
      nowMs - Date.parse(at) > CONTINUATION_MS &&
      !(await isFollowed(records, { ...last, step: last.step + 1 }, nowMs));
    position = isOld
      ? { restart: last.restart + 1, step: 0, continuation: null, hasStalled }
      : { restart: last.restart, step: last.step + 1, continuation, hasStalled };
  }
  return position;
};

/** Whether a link is being followed, or was a short time ago, by what copies its page. */
const isFollowed = async (records: RecordStore, step: StepName, nowMs: number): Promise<boolean> => {
  const spool = await readSpool(records, step, nowMs);
  return spool.state === 'asked' || (spool.state === 'there' && nowMs - spool.atMs <= CONTINUATION_MS);
};

/** The first restart that counts: the one after the last that was refused. */
export const readFirstRestart = async (records: RecordStore, plan: PlanName): Promise<number> => {
  const { keys } = await records.list(refusalsPrefix(plan));
  const last = keys.map(parseKey).findLast((key) => key.kind === 'refusal');
  return last === undefined ? 0 : last.restart + 1;
};

/** The last step of each restart, in the restarts' order; names in the order of their keys. */
export const lastSteps = (names: readonly StepName[]): readonly StepName[] =>
  names.filter((name, i) => {
    const next = names[i + 1];
    return next === undefined || next.slice !== name.slice || next.restart !== name.restart;
  });

/** The steps among the keys of a batch's folder, in the keys' order; its stall and refusals are passed over. */
export const parseStepNames = (keys: readonly string[]): readonly StepName[] =>
  keys.map(parseKey).filter((key) => key.kind === 'step');
