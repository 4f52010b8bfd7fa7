import { toNeedsAttention, type Whereabouts } from '../../shared/attention/message.ts';
import type { Need } from '../../shared/attention/need.ts';
import type { Finding } from '../../shared/attention/subject.ts';
import { type AttentionRecord, attentionRecord } from '../../shared/state/attention-records.ts';
import { toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord, readRecord } from '../records.ts';

export interface TellDeps {
  readonly records: RecordStore;
  readonly events: Events;
  readonly clock: Clock;
  /** This invocation, named in the records. */
  readonly invocation: string;
  readonly where: Whereabouts;
}

/** Whoever was to send a message and did not for so long is dead: no function of ours lives longer but SpoolPage, which sends none. */
export const TELLING_MS = 10 * 60_000;

/**
 * Tells that a feed is in a state that needs a person, unless that was told: whoever puts the record sends the message, and another
 * one only where that one died before it said so.
 */
export const enterNeed = async (
  feed: string,
  need: Need,
  finding: Finding,
  deps: TellDeps,
): Promise<void> => {
  const { records, clock, invocation } = deps;
  const at = new Date(clock.now()).toISOString();
  const key = toKey({ kind: 'attention', feed, need: need.word, phase: 'entered' });
  const { batch, asked, again, error, cause, hasOthers } = finding;
  const record: AttentionRecord = {
    invocation,
    at,
    since: new Date(finding.sinceMs).toISOString(),
    ...(batch === undefined ? {} : { batch }),
    ...(error === undefined ? {} : { error }),
    ...(asked === undefined ? {} : { asked }),
    ...(again === undefined ? {} : { again }),
    ...(hasOthers === true ? { hasOthers } : {}),
    cause,
  };
  const standing = await putRecord(records, key, record, attentionRecord);
  await tellEntered(feed, need, standing, deps);
};

/** Sends the message of a record, unless it was sent, or whoever put the record is about to: false then. */
export const tellEntered = async (
  feed: string,
  need: Need,
  entered: AttentionRecord,
  { records, events, clock, invocation, where }: TellDeps,
): Promise<boolean> => {
  const key = toKey({ kind: 'attention', feed, need: need.word, phase: 'told' });
  const told = await readRecord(records, key, attentionRecord);
  // One of an earlier time stands where whoever forgot that died before it was all gone.
  if (told?.since === entered.at) return true;
  if (entered.invocation !== invocation && isAlive(entered, clock)) return false;
  await events.put(EVENT.feedNeedsAttention, toNeedsAttention(toTold(feed, need, entered), where));
  if (told !== undefined) await records.remove(key);
  const at = new Date(clock.now()).toISOString();
  await putRecord(records, key, { invocation, at, since: entered.at }, attentionRecord);
  return true;
};

export const isAlive = ({ at }: AttentionRecord, clock: Clock): boolean =>
  clock.now() - Date.parse(at) < TELLING_MS;

export const toTold = (
  feed: string,
  need: Need,
  { at, since = at, batch, asked, again, error, cause, hasOthers }: AttentionRecord,
) => ({
  feed,
  need,
  at,
  since,
  batch,
  asked,
  again,
  hasOthers,
  error,
  cause: cause ?? '',
});
