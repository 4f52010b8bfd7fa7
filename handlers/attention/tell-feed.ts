import { judge } from '../../shared/attention/judge.ts';
import { NEEDS, needOf } from '../../shared/attention/registry.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { attentionRecord } from '../../shared/state/attention-records.ts';
import { toKey } from '../../shared/state/keys.ts';
import type { Metrics } from '../ports/metrics.ts';
import { readRecord } from '../records.ts';
import { enterNeed, type TellDeps, tellEntered } from './enter-need.ts';
import type { FactsDeps } from './facts-deps.ts';
import { isBeingLeft, leaveNeed } from './leave-need.ts';
import { putMark, putOver, removeOldMarks, see } from './marks.ts';
import { readFacts } from './read-facts.ts';
import type { Overview } from './read-overview.ts';
import { supersededMark } from './read-parked.ts';

export type TellFeedDeps = TellDeps & FactsDeps & { readonly metrics: Metrics };

/**
 * Looks at one feed: tells, once each, that it has come to need a person and that it needs none any more, and measures how old it is.
 */
export const tellFeed = async (feed: Feed, overview: Overview, deps: TellFeedDeps): Promise<void> => {
  const name = feed.feed;
  const told = overview.told.get(name) ?? [];
  const marks = overview.marks.get(name) ?? [];
  await see(name, marks, deps);
  const facts = await readFacts(name, feed, overview, deps);
  for (const { batch, by } of facts.parked.newlySuperseded)
    await putMark(name, supersededMark(batch), { batch, message: by }, deps);
  if (facts.newlyOverMs !== undefined) await putOver(name, facts.newlyOverMs, marks, deps);
  const { enters, leaves } = judge(facts, new Set(told));
  for (const { need, finding } of enters) await enterNeed(name, need, finding, deps);
  for (const need of leaves) await leaveNeed(name, need, deps);
  const stay = NEEDS.filter((need) => told.includes(need.word) && !leaves.includes(need));
  for (const need of stay) {
    const key = toKey({ kind: 'attention', feed: name, need: need.word, phase: 'entered' });
    const entered = await readRecord(deps.records, key, attentionRecord);
    if (entered === undefined) continue;
    // What is over is told first, whatever has come since; the next judgement tells that.
    if (await isBeingLeft(name, need, entered, deps)) await leaveNeed(name, need, deps);
    else await tellEntered(name, need, entered, deps);
  }
  await removeOldMarks(name, marks, deps);
  const { nowMs, sealedMs, pending, parked } = facts;
  const ages = [sealedMs, pending.oldestMs].filter((time) => time !== undefined);
  deps.metrics.put(name, {
    pending: pending.batches.length,
    parked: parked.batches.length,
    ...(ages.length === 0 ? {} : { freshnessSeconds: Math.round((nowMs - Math.min(...ages)) / 1000) }),
  });
};

/** Of a feed whose file is gone nobody needs to know anything any more; what was told is taken back. */
export const forgetFeed = async (feed: string, { told }: Overview, deps: TellDeps): Promise<void> => {
  for (const word of told.get(feed) ?? []) {
    const need = needOf(word);
    if (need !== undefined) await leaveNeed(feed, need, deps);
  }
};
