import { afterEach, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../handlers/attention/support/true-feed.ts';
import { expectAgreement } from './support/day/agree.ts';
import { type Begun, beginSome } from './support/day/begin.ts';
import { openDeployments } from './support/day/deployments.ts';
import { sweepAt } from './support/day/hour.ts';
import { mendSome } from './support/day/person.ts';
import { drawWeathers, isWholeDay, newStrikes } from './support/day/plan-weathers.ts';
import type { World } from './support/day/world.ts';

/**
 * Feeds of every kind through a simulated day, with faults of every kind at random, and a person who does what messages say; beside them
 * another deployment, with feeds of the same names.
 */

/** `MILLRACE_DAY=50+50x24`: so many feeds, so many in the other deployment, for so many hours. */
const [, FEEDS = '', OTHERS = '', HOURS = ''] =
  /^(\d+)(?:\+(\d+))?x(\d+)$/.exec(process.env.MILLRACE_DAY ?? '7+2x3') ?? [];
/** The same faults each time; `MILLRACE_SEED=7` draws others. */
const SEED = Number(process.env.MILLRACE_SEED ?? 601_750);

/** It ends what hangs, on a machine of whatever speed: a day of many feeds takes an hour or more. */
const LIMIT_MS = 20 * MINUTE + (Number(FEEDS) + Number(OTHERS)) * Number(HOURS) * 10_000;

let worlds: readonly World[] = [];
afterEach(async () => {
  for (const world of worlds) await world.close();
});

it(
  `a day of ${FEEDS} and ${Number(OTHERS)} feeds and ${HOURS} hours (MILLRACE_SEED=${SEED})`,
  async () => {
    const hours = Number(HOURS);
    worlds = await openDeployments({ seed: SEED, feeds: [Number(FEEDS), Number(OTHERS)] });
    const strikes = newStrikes();
    const days = worlds.map((world) => ({
      world,
      runInWeather: drawWeathers(world.random, hours, strikes),
      begun: [] as Begun[],
    }));
    const change = (): void => {
      for (const { feeds, now } of worlds) for (const { source } of feeds) source.change(now());
    };
    change();
    const firstHour = Math.ceil((worlds[0]?.now() ?? 0) / HOUR) * HOUR;
    for (let hour = 0; hour < hours; hour += 1) {
      const at = firstHour + hour * HOUR;
      for (const { world } of days) world.tell(`hour ${hour}`);
      await Promise.all(days.map(({ world, runInWeather }) => runInWeather(world, hour, at)));
      // Never an hour behind the one before: what failed then is an hour old now, or is not, whoever asks.
      const soon = at + (hour % 2 === 0 ? 12 : 15) * MINUTE;
      await Promise.all(worlds.map((world) => sweepAt(world, soon)));
      for (const world of worlds) await expectAgreement(world, `hour ${hour}`);
      // What is typed is of another minute than what is looked at: an hour later nobody can tell which came first.
      for (const world of worlds) world.passTo(at + 17 * MINUTE);
      for (const { world, begun } of days) await mendSome(world, begun, hour === hours - 1);
      await Promise.all(worlds.map((world) => sweepAt(world, at + 30 * MINUTE)));
      for (const world of worlds) await expectAgreement(world, `hour ${hour}, after what was typed`);
      for (const world of worlds) world.passTo(at + 40 * MINUTE);
      change();
      for (const { world, begun } of days)
        if (hour < hours - 2) begun.push(...(await beginSome(world, begun)));
      await Promise.all(worlds.map((world) => sweepAt(world, at + 45 * MINUTE)));
      for (const world of worlds) world.tell(`hour ${hour} took: ${world.costs.take()}`);
    }
    worlds[0]?.tell(`never met: ${strikes.unmet().join(', ')}`);
    if (isWholeDay(hours)) expect(strikes.unmet()).toEqual([]);
    for (const { world, begun } of days) {
      expect(Object.fromEntries(world.wrong), world.env).toEqual({});
      expect(
        begun.filter(({ isMended }) => !isMended),
        world.env,
      ).toEqual([]);
    }
  },
  LIMIT_MS,
);
