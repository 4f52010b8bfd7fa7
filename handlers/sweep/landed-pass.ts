import { type LandedPass, markRecord } from '../../shared/state/attention-records.ts';
import { parseKeyIfOurs, toKey } from '../../shared/state/keys.ts';
import { UNREAD } from '../attention/marks.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import type { SweepDeps } from './sweep-deps.ts';

/**
 * A pass over a feed's landed objects takes as many sweeps as it needs, each a bounded part of the listing. Where it is stands in a mark
 * that is named by its sweep; a pass that one sweep makes leaves none.
 */

const MARK = 'landed-';

/** Sweeps have seven digits until the year 2255. */
const toMark = (sweepNumber: number): string => `${MARK}${String(sweepNumber).padStart(7, '0')}`;

export interface Pass extends LandedPass {
  /** The keys of marks that this sweep's takes the place of. */
  readonly marks: readonly string[];
}

/** The pass that a sweep goes on with, or begins. */
export const readPass = async (
  feed: string,
  sweepNumber: number,
  { records }: Pick<SweepDeps, 'records'>,
): Promise<Pass> => {
  const { keys } = await records.list(toKey({ kind: 'mark', feed, mark: MARK }).replace(/\.json$/, ''));
  const unread = toKey({ kind: 'mark', feed, mark: UNREAD });
  const marks = keys.filter((key) => key !== unread && parseKeyIfOurs(key)?.kind === 'mark');
  const newest = marks.at(-1);
  const before =
    newest === undefined ? undefined : (await readKnownRecord(records, newest, markRecord)).landed;
  if (before?.after !== undefined) return { ...before, marks };
  const isAll = keys.includes(unread) ? { isAll: true } : {};
  return { began: sweepNumber, since: before?.began ?? sweepNumber - 1, ...isAll, marks };
};

/** Notes how far a pass has come; without `after` it is over. The new mark comes first: dying between the two, the newest counts. */
export const notePass = async (
  feed: string,
  sweepNumber: number,
  { began, since, isAll, marks }: Pass,
  after: string | undefined,
  deps: Pick<SweepDeps, 'records' | 'clock' | 'invocation'>,
): Promise<void> => {
  const key = toKey({ kind: 'mark', feed, mark: toMark(sweepNumber) });
  const isWhole = after === undefined && began === sweepNumber;
  if (!isWhole) {
    const landed = {
      ...{ began, since },
      ...(after === undefined ? {} : { after, ...(isAll === true ? { isAll } : {}) }),
    };
    const message =
      after === undefined
        ? 'all landed objects were looked at'
        : `landed objects were looked at up to ${after}`;
    const record = {
      invocation: deps.invocation,
      at: new Date(deps.clock.now()).toISOString(),
      message,
      landed,
    };
    await putRecord(deps.records, key, record, markRecord);
  }
  for (const mark of marks) if (isWhole || mark !== key) await deps.records.remove(mark);
};
