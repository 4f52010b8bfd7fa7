import { afterEach, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../handlers/attention/support/true-feed.ts';
import { expectAgreement } from './support/day/agree.ts';
import { type Begun, beginSome } from './support/day/begin.ts';
import { runHour, sweepAt } from './support/day/hour.ts';
import { mendSome } from './support/day/person.ts';
import { drawWeathers, inWeather } from './support/day/weather.ts';
import { openWorld, type World } from './support/day/world.ts';

/** Feeds of every kind through a simulated day, with faults of every kind at random, and a person who does what messages say. */

/** `MILLRACE_DAY=50x24`: so many feeds for so many hours. */
const [FEEDS = 7, HOURS = 4] = (process.env.MILLRACE_DAY ?? '7x4').split('x').map(Number);
/** The same faults each time; `MILLRACE_SEED=7` draws others. */
const SEED = Number(process.env.MILLRACE_SEED ?? 601_750);

let world: World | undefined;
afterEach(async () => {
  await world?.close();
});

it(`a day of ${FEEDS} feeds and ${HOURS} hours (MILLRACE_SEED=${SEED})`, async () => {
  world = await openWorld({ feeds: FEEDS, seed: SEED });
  const weatherOf = drawWeathers(world.random);
  const begun: Begun[] = [];
  const dawn = world.now();
  const firstHour = Math.ceil(dawn / HOUR) * HOUR;
  for (const feed of world.feeds) feed.source.change(dawn);
  for (let hour = 0; hour < HOURS; hour += 1) {
    const at = firstHour + hour * HOUR;
    world.tell(`hour ${hour}`);
    await inWeather(world, weatherOf(hour), (world) => runHour(world, at));
    await sweepAt(world, at + 15 * MINUTE);
    await expectAgreement(world, `hour ${hour}`);
    await mendSome(world, begun, hour === HOURS - 1);
    await sweepAt(world, at + 30 * MINUTE);
    await expectAgreement(world, `hour ${hour}, after what was typed`);
    world.passTo(at + 40 * MINUTE);
    for (const feed of world.feeds) feed.source.change(world.now());
    if (hour < HOURS - 2) begun.push(...(await beginSome(world, begun)));
    await sweepAt(world, at + 45 * MINUTE);
    world.tell(`hour ${hour} took: ${world.costs.take()}`);
  }
  expect(Object.fromEntries(world.wrong)).toEqual({});
  expect(begun.filter(({ isMended }) => !isMended)).toEqual([]);
});
