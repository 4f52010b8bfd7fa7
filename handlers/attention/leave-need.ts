import { toRecovered } from '../../shared/attention/message.ts';
import type { Need } from '../../shared/attention/need.ts';
import { type AttentionRecord, attentionRecord } from '../../shared/state/attention-records.ts';
import { type AttentionName, toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { putRecord, readRecord } from '../records.ts';
import { isAlive, type TellDeps, tellEntered, toTold } from './enter-need.ts';

const keyOf = (feed: string, { word }: Need, phase: AttentionName['phase']): string =>
  toKey({ kind: 'attention', feed, need: word, phase });

/**
 * Tells that a state is over, and forgets it. The claim comes first, so that of two who notice it one sends the message; one who died
 * before it was forgotten leaves it to the next judgement, whose message is the same.
 */
export const leaveNeed = async (feed: string, need: Need, deps: TellDeps): Promise<void> => {
  const { records, events, clock, invocation, where } = deps;
  const before = await readRecord(records, keyOf(feed, need, 'entered'), attentionRecord);
  // Whoever was first has forgotten it since it was looked at.
  if (before === undefined) return;
  // Who put the record may have died before or after its message: that goes first, so that none is over that never began.
  if (!(await tellEntered(feed, need, before, deps))) return;
  const claim = await claimOf(feed, need, before, deps);
  if (claim.invocation !== invocation && isAlive(claim, clock)) return;
  const entered = await readRecord(records, keyOf(feed, need, 'entered'), attentionRecord);
  if (entered?.at === before.at) {
    await events.put(
      EVENT.feedRecovered,
      toRecovered({ ...toTold(feed, need, entered), at: claim.at }, where),
    );
    await records.remove(keyOf(feed, need, 'entered'));
  }
  await records.remove(keyOf(feed, need, 'told'));
  await records.remove(keyOf(feed, need, 'left'));
};

/** Whoever was about to tell that this is over died: the feed may have come to need somebody again since. */
export const isBeingLeft = async (
  feed: string,
  need: Need,
  { at }: AttentionRecord,
  { records }: TellDeps,
): Promise<boolean> => (await readRecord(records, keyOf(feed, need, 'left'), attentionRecord))?.since === at;

/** The claim on what was entered then; one of an earlier time was left behind by who died before it was gone. */
const claimOf = async (
  feed: string,
  need: Need,
  entered: AttentionRecord,
  { records, clock, invocation }: TellDeps,
): Promise<AttentionRecord> => {
  const key = keyOf(feed, need, 'left');
  const own = { invocation, at: new Date(clock.now()).toISOString(), since: entered.at };
  const claim = await putRecord(records, key, own, attentionRecord);
  if (claim.since === entered.at) return claim;
  await records.remove(key);
  return putRecord(records, key, own, attentionRecord);
};
