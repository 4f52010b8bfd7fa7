import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import type { LandedFile } from '../../infra/cli/land-files.ts';
import { mulberry32 } from '../../infra/local/asl/jsonata.ts';
import { newInspections, SPLIT_BYTES } from './support/inspections.ts';
import { type KillableCloud, startKillableCloud } from './support/killable-cloud.ts';
import { ALL_WELL, inspect, openRoad, openSite, type Road, type Site, sweepLater } from './support/road.ts';

/** Rounds of each test. */
const KILLS = Number(process.env.MILLRACE_KILLS ?? 4);
/** MILLRACE_SEED repeats a run that failed. */
const SEED = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);
console.info(`kill -9 at random events, MILLRACE_SEED=${SEED}`);

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

/** Few work items, but in five slices of several pages each; and files, of which every other one is read in ranges. */
const openSmallSite = async () => {
  const small = { seed: SEED, items: 400, pageSize: 20, splitBytes: SPLIT_BYTES };
  const site = await openSite({ shared: inject('sharedFolder'), ...small });
  toClose.push(site);
  return { site, inspections: newInspections(join(site.data, '../dropped')) };
};

const now = ({ jazz }: Site): Date => new Date(jazz.now());

describe('kill -9 at random events', () => {
  it(`of the local cloud, ${KILLS} times: the next run ends in the exact rows`, async () => {
    const { site, inspections } = await openSmallSite();
    const random = mulberry32(SEED);
    let cloud: KillableCloud = startKillableCloud(site);
    toClose.push({ close: () => cloud.kill('all') });
    /** Of a whole run, the cloud's start before them. */
    let usualEvents = 20;
    for (let n = 1; n <= KILLS; n += 1) {
      const event = Math.floor(random() * usualEvents);
      const whom = random() < 0.5 ? 'all' : 'orchestrator';
      const story = `kill ${n} of ${whom} at event ${event}, seed ${SEED}`;
      const before = cloud.events();
      const files = n % 2 === 1 ? [inspections.nextFile()] : [];
      const running = cloud.run(now(site), files).catch(() => undefined);
      // A run with fewer events is killed at its end.
      await Promise.race([cloud.event(before + event), running]);
      await cloud.kill(whom);

      cloud = startKillableCloud(site);
      // Nobody knows whether the file had landed: it is dropped again.
      const report = await cloud.run(now(site), files);
      expect(report, story).toMatchObject({ ok: true, failures: [] });
      expect(await inspect(site), story).toEqual(ALL_WELL);
      expect(await inspections.differences(site.data), story).toEqual([]);

      site.jazz.change(1 + Math.floor(random() * 40));
      usualEvents = Math.max(usualEvents, cloud.events());
    }
  });

  it(`of functions at work, ${KILLS} times: the next run ends in the exact rows`, async () => {
    const { site, inspections } = await openSmallSite();
    const told = new EventEmitter();
    const road = await openRoad(site, { faults: { seed: SEED }, onProgress: () => told.emit('event') });
    toClose.push(road);
    const random = mulberry32(SEED);
    let killed = 0;
    let failed = 0;
    while (killed < KILLS) {
      const files = [inspections.nextFile()];
      const work = { at: now(site), files };
      const run = await runKilling(road, told, work, Math.min(6, KILLS - killed), random);
      killed += run.killed;
      if (!run.isOk) {
        failed += 1;
        // Four kills in one state are its last: of an extraction the file is dropped again, as such a run says, and a load is left to the sweep.
        const next = await road.run(now(site), files);
        if (!next.ok) await sweepLater(road.session, site.data);
      }
      const story = `after ${killed} kills, seed ${SEED}`;
      expect(await inspect(site), story).toEqual(ALL_WELL);
      expect(await inspections.differences(site.data), story).toEqual([]);
      site.jazz.change(1 + Math.floor(random() * 40));
    }
    console.info(`${killed} functions killed; ${failed} runs failed, and the next ones mended it`);
  });
});

const LONGEST_PAUSE_EVENTS = 6;

/** Runs the feed and, while that lasts, kills functions at work, a few of the cloud's events after each other. */
const runKilling = async (
  { session, run }: Road,
  told: EventEmitter,
  { at, files }: { readonly at: Date; readonly files: readonly LandedFile[] },
  atMost: number,
  random: () => number,
) => {
  let killed = 0;
  let pause = random() * LONGEST_PAUSE_EVENTS;
  const onEvent = (): void => {
    pause -= 1;
    if (pause > 0 || killed === atMost || !session.cloud.killEnvironment()) return;
    killed += 1;
    pause = random() * LONGEST_PAUSE_EVENTS;
  };
  told.on('event', onEvent);
  const { ok: isOk } = await run(at, files).finally(() => told.off('event', onEvent));
  return { isOk, killed };
};
