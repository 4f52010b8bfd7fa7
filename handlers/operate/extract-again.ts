import { isComparison, parseStamp } from '../../shared/state/keys.ts';
import type { PlanRecord } from '../../shared/state/records.ts';

/** What starts the extraction of a batch again: the detail of a Continue event. Undefined where no event does. */
export const toContinueDetail = (
  { feed, batch, object }: Pick<PlanRecord, 'feed' | 'batch' | 'object'>,
  nowMs: number,
): Readonly<Record<string, unknown>> | undefined => {
  const detail = { feed, generation: 0 };
  if (object !== undefined) {
    const { bucket, key, versionId } = object;
    return { ...detail, object: { bucket, key, versionId }, correlation: `redrive/${feed}/${batch}` };
  }
  const scheduledTime = TIMES[batch.slice(0, 2)]?.(batch, nowMs);
  if (scheduledTime === undefined) return undefined;
  return { ...detail, scheduledTime, ...(isComparison(batch) ? { compares: true } : {}) };
};

type ToTime = (batch: string, nowMs: number) => string;

const toIso = (ms: number): string => new Date(ms).toISOString();

/** A batch that is named by its schedule's time is asked for by that. */
const ofName: ToTime = (batch) => toIso(parseStamp(batch.slice(2)));

/** The schedule's time by which a kind of batch is asked for. Any asks for a feed's next window, which is the parked one. */
const TIMES: Readonly<Record<string, ToTime>> = {
  'w-': (_, nowMs) => toIso(nowMs),
  's-': ofName,
  'k-': ofName,
};
