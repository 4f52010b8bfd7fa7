import { toRecovered } from '../../shared/attention/message.ts';
import type { Need } from '../../shared/attention/need.ts';
import { attentionRecord } from '../../shared/state/attention-records.ts';
import { type AttentionName, toKey } from '../../shared/state/keys.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { putRecord, readRecord } from '../records.ts';
import { isAlive, type TellDeps, tellEntered, toTold } from './enter-need.ts';

/**
 * Tells that a state is over, and forgets it. The claim comes first, so that of two who notice it one sends the message; one who died
 * before it was forgotten leaves it to the next judgement, whose message is the same.
 */
export const leaveNeed = async (feed: string, need: Need, deps: TellDeps): Promise<void> => {
  const { records, events, clock, invocation, where } = deps;
  const keyOf = (phase: AttentionName['phase']): string =>
    toKey({ kind: 'attention', feed, need: need.word, phase });
  const before = await readRecord(records, keyOf('entered'), attentionRecord);
  // Who put the record may have died before or after its message: that goes first, so that none is over that never began.
  if (before !== undefined && !(await tellEntered(feed, need, before, deps))) return;
  const own = { invocation, at: new Date(clock.now()).toISOString() };
  const claim = await putRecord(records, keyOf('left'), own, attentionRecord);
  if (claim.invocation !== invocation && isAlive(claim, clock)) return;
  const entered = await readRecord(records, keyOf('entered'), attentionRecord);
  // Whoever was first has forgotten it since it was looked at.
  if (entered !== undefined) {
    const told = { ...toTold(feed, need, entered), at: claim.at };
    await events.put(EVENT.feedRecovered, toRecovered(told, where));
    await records.remove(keyOf('entered'));
  }
  await records.remove(keyOf('told'));
  await records.remove(keyOf('left'));
};
