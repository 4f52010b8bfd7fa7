import { expect } from 'vitest';
import { commandsIn, standing } from './agree.ts';
import type { Begun } from './begin.ts';
import { examine } from './examine.ts';
import { type DayFeed, giveBack, readAgain, run, skip, tryLoad } from './feed.ts';
import { readStatus } from './hour.ts';
import type { World } from './world.ts';

/** The person: reads what is told, mends its cause, and types each command that is named, as it is printed. */

/** Verbs that show something end in 1 where it needs a person. */
const SHOWS = /^npx millrace (runs|batch|rejects|status|trace|logs)\b/;

const typeAndWait = async (world: World, feed: DayFeed, line: string): Promise<void> => {
  const { status, out, err } = await world.type(line);
  await world.cloud.idle();
  expect({ line, out, err, status: SHOWS.test(line) && status === 1 ? 0 : status }).toEqual({
    line,
    out,
    err,
    status: 0,
  });
  // What shows something may name the next command there.
  if (!SHOWS.test(line)) expect(err).toBe('');
  const nowMs = world.now();
  const [, from = '', to = ''] = / backfill .*--from (\S+) --to (\S+)/.exec(line) ?? [];
  if (from !== '') readAgain(feed, { fromMs: Date.parse(from), toMs: Date.parse(to) }, nowMs);
  if (/ redrive .* --skip/.test(line)) skip(feed);
  else if (/ redrive /.test(line)) giveBack(feed, nowMs);
  if (/ resume /.test(line)) {
    feed.truth.isPaused = false;
    // Files that landed meanwhile are read at once, and what is pending is loaded.
    if (feed.kind.lands === true && feed.extracts === undefined) run(feed, nowMs, nowMs);
    else tryLoad(feed, nowMs);
  }
  if (/ trigger /.test(line)) run(feed, nowMs, nowMs);
  for (const next of / resume /.test(line) ? commandsIn(out, world) : [])
    await typeAndWait(world, feed, next);
};

const nextOf = async (world: World, feed: string): Promise<readonly string[]> =>
  commandsIn((await readStatus(world, feed)).get(feed)?.next ?? '', world);

const mend = async (world: World, one: Begun): Promise<void> => {
  const { feed, fault } = one;
  const next = await nextOf(world, feed.name);
  world.tell(`mended: ${feed.name}: ${fault.word}`);
  await fault.mend(feed, world);
  await world.cloud.idle();
  const message = standing(world.messages, feed.name).get(fault.need)?.command;
  // Status has one command for all batches that are parked; a message that was sent before names the first of them.
  const isDone = next.some((line) => message?.startsWith(`${line} `));
  const typed = new Set([...next, ...(message === undefined || isDone ? [] : [message])]);
  for (const line of typed) await typeAndWait(world, feed, line);
  // Of several parked batches `status` names one after the other.
  for (let left = await nextOf(world, feed.name); left.some((line) => / redrive /.test(line)); ) {
    for (const line of left) {
      expect([...typed]).not.toContain(line);
      typed.add(line);
      await typeAndWait(world, feed, line);
    }
    left = await nextOf(world, feed.name);
  }
  one.isMended = true;
};

const mendDue = async (world: World, one: Begun, isEnd: boolean): Promise<void> => {
  const { feed, fault } = one;
  if (fault.endsByLoad === true && feed.away !== undefined) return;
  const isTold = fault.need === 'paused' || standing(world.messages, feed.name).has(fault.need);
  if (!isTold) {
    if (isEnd) expect.fail(`${feed.name}: ${fault.word} was never told`);
    return;
  }
  one.patience -= 1;
  if (one.patience < 0 || isEnd) await mend(world, one);
};

/** Mends what a person was told of, as patience is over; all of it at the end. */
export const mendSome = async (world: World, begun: readonly Begun[], isEnd: boolean): Promise<void> => {
  for (const one of begun.filter(({ isMended }) => !isMended))
    await examine(world, one.feed, one.fault.word, () => mendDue(world, one, isEnd));
};
