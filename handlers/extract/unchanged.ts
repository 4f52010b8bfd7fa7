import { hashDefinition } from '../../shared/model/canonical.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { isOneDocument, type Validators } from '../../shared/source/validators.ts';
import { toKey } from '../../shared/state/keys.ts';
import {
  batchRecord,
  type PlanRecord,
  parkedRecord,
  type UnchangedRecord,
  unchangedRecord,
} from '../../shared/state/records.ts';
import { newestKeys } from '../newest-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readKnownRecord, readRecord } from '../records.ts';

/**
 * A feed that is one document may be the same as in its newest batch. The server is then asked for it by what it told that document by, and
 * an answer that it has not changed leaves a record in place of a batch.
 */

/** Thrown out of a step whose document is that of the batch that the plan knows. */
export class Unchanged extends Error {
  override readonly name = 'Unchanged';
}

/** A batch this old is read anew, whatever the server says: what became of its rows since then is not known. */
const LONGEST_KNOWN_MS = 7 * 24 * 60 * 60_000;

/** The feed's newest batch where a server may be asked whether its document is still the same. */
export const findKnown = async (
  records: RecordStore,
  feed: Feed,
  scheduledMs: number,
): Promise<PlanRecord['known']> => {
  if (!isOneDocument(feed)) return undefined;
  for await (const key of newestKeys(records, `batches/${feed.feed}/`)) {
    const { batch, observed, validators } = await readKnownRecord(records, key, batchRecord);
    if (validators?.definition !== hashDefinition(feed, undefined)) return undefined;
    if (scheduledMs - Date.parse(observed) >= LONGEST_KNOWN_MS) return undefined;
    const parkedKey = toKey({ kind: 'parked', feed: feed.feed, batch });
    const isParked = (await readRecord(records, parkedKey, parkedRecord)) !== undefined;
    return isParked ? undefined : { ...validators, batch };
  }
  return undefined;
};

type Place = Pick<PlanRecord, 'feed' | 'date' | 'batch'>;

const keyOf = ({ feed, date, batch }: Place): string => toKey({ kind: 'unchanged', feed, date, batch });

/** What was noted of a batch under a definition of its feed; undefined where nothing was. */
export const findUnchanged = async (
  records: RecordStore,
  place: Place,
  definition: Feed,
): Promise<UnchangedRecord | undefined> => {
  const found = await readRecord(records, keyOf(place), unchangedRecord);
  return found?.definition === hashDefinition(definition, undefined) ? found : undefined;
};

export const noteUnchanged = async (
  plan: PlanRecord,
  invocation: string,
  at: string,
  records: RecordStore,
): Promise<void> => {
  const since = plan.known?.batch ?? '';
  const definition = hashDefinition(plan.definition, undefined);
  await putRecord(records, keyOf(plan), { invocation, at, since, definition }, unchangedRecord);
};

/** What a batch keeps of its document, where the next one may be asked for by it. */
export const toKnowledge = (
  { definition }: PlanRecord,
  [step, ...more]: readonly { readonly validators?: Validators | undefined }[],
): ({ readonly definition: string } & Validators) | undefined =>
  step?.validators === undefined || more.length > 0
    ? undefined
    : { definition: hashDefinition(definition, undefined), ...step.validators };
