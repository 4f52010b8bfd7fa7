import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { mulberry32 } from '../../infra/local/asl/jsonata.ts';
import { type KillableCloud, startKillableCloud } from './support/killable-cloud.ts';
import { ALL_WELL, inspect, openRoad, openSite, type Road, type Site, sweepLater } from './support/road.ts';

const KILLS = 50;
/** MILLRACE_SEED repeats a run that failed. */
const SEED = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);
console.info(`kill -9 at random moments, MILLRACE_SEED=${SEED}`);

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

/** Few work items, but in five slices of several pages each. */
const openSmallSite = async (): Promise<Site> => {
  const site = await openSite({ shared: inject('sharedFolder'), seed: SEED, items: 400, pageSize: 20 });
  toClose.push(site);
  return site;
};

const now = ({ jazz }: Site): Date => new Date(jazz.now());

describe('kill -9 at random moments', () => {
  it(`of the local cloud, ${KILLS} times: the next run ends in the exact rows`, async () => {
    const site = await openSmallSite();
    const random = mulberry32(SEED);
    let cloud: KillableCloud = startKillableCloud(site);
    toClose.push({ close: () => cloud.kill('all') });
    /** The first run takes in the cloud's start. */
    let usualMs = 6_000;
    for (let n = 1; n <= KILLS; n += 1) {
      const moment = Math.floor(random() * usualMs);
      const whom = random() < 0.5 ? 'all' : 'orchestrator';
      const story = `kill ${n} of ${whom} after ${moment} ms, seed ${SEED}`;
      cloud.run(now(site)).catch(() => undefined);
      await sleep(moment);
      await cloud.kill(whom);

      cloud = startKillableCloud(site);
      const report = await cloud.run(now(site));
      expect(report, story).toMatchObject({ ok: true, failures: [] });
      expect(await inspect(site), story).toEqual(ALL_WELL);

      site.jazz.change(1 + Math.floor(random() * 40));
      usualMs = n === 1 ? await measureRun(cloud, site) : usualMs;
    }
  });

  it(`of functions at work, ${KILLS} times: the next run ends in the exact rows`, async () => {
    const site = await openSmallSite();
    const road = await openRoad(site, { faults: { seed: SEED } });
    toClose.push(road);
    const random = mulberry32(SEED);
    let killed = 0;
    let failed = 0;
    while (killed < KILLS) {
      const run = await runKilling(road, now(site), Math.min(6, KILLS - killed), random);
      killed += run.killed;
      if (!run.isOk) {
        failed += 1;
        const next = await road.run(now(site));
        // Four kills in one state of a load leave it to the sweep.
        if (!next.ok) await sweepLater(road.session, site.data);
      }
      expect(await inspect(site), `after ${killed} kills, seed ${SEED}`).toEqual(ALL_WELL);
      site.jazz.change(1 + Math.floor(random() * 40));
    }
    console.info(`${killed} functions killed; ${failed} runs failed, and the next ones mended it`);
  });
});

/** How long a run takes on a warm cloud, and a bit. */
const measureRun = async (cloud: KillableCloud, site: Site): Promise<number> => {
  const startedAt = Date.now();
  await cloud.run(now(site));
  site.jazz.change(20);
  return 1.2 * (Date.now() - startedAt);
};

const LONGEST_PAUSE_MS = 400;

/** Runs the feed and, while that lasts, kills functions at work. */
const runKilling = async ({ session, run }: Road, at: Date, atMost: number, random: () => number) => {
  let isOver = false;
  let killed = 0;
  const running = run(at).finally(() => {
    isOver = true;
  });
  while (killed < atMost) {
    await sleep(random() * LONGEST_PAUSE_MS);
    if (isOver) break;
    if (session.cloud.killEnvironment()) killed += 1;
  }
  return { isOk: (await running).ok, killed };
};
