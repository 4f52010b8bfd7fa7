import { afterEach, describe, expect, inject, it } from 'vitest';
import type { Faults } from '../../infra/local/local-cloud.ts';
import {
  ALL_WELL,
  inspect,
  openRoad,
  openSite,
  type Road,
  type RoadOptions,
  type Site,
  sweepLater,
  takeLeaseAway,
} from './support/road.ts';
import { readLedger } from './support/tables.ts';

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

/** Few work items, but in five slices of several pages each. */
const open = async (
  faults: Faults,
  more: (site: Site) => RoadOptions = () => ({}),
): Promise<{ site: Site; road: Road }> => {
  const site = await openSite({ shared: inject('sharedFolder'), seed: 4, items: 400, pageSize: 20 });
  toClose.push(site);
  const road = await openRoad(site, { ...more(site), faults: { seed: 4, ...faults } });
  toClose.push(road);
  return { site, road };
};

/** Runs all, then some changes. */
const runTwiceOver = async ({ site, road }: { site: Site; road: Road }): Promise<void> => {
  for (const changed of [0, 60]) {
    if (changed > 0) site.jazz.change(changed);
    expect(await road.run(new Date(site.jazz.now()))).toMatchObject({ ok: true, failures: [] });
    expect(await inspect(site)).toEqual(ALL_WELL);
  }
};

const sealsIn = async ({ session }: Road): Promise<readonly string[]> =>
  (await readLedger(session.deployment)).map(({ batch, target }) => `${batch} ${target}`);

describe('the road under what AWS promises to do now and then', () => {
  it('seals once when two executions extract one window at once', async () => {
    const inSlices = new Set<string>();
    const executions = new Set<string>();
    const { site, road } = await open({ runTwice: true }, ({ data }) => ({
      onProgress: (progress) => {
        if (progress.type === 'execution-started' && /Extract/.test(progress.execution.machine))
          executions.add(progress.execution.id);
        if (progress.type !== 'state-entered' || !/ExtractSlices\[/.test(progress.path)) return;
        inSlices.add(progress.path);
        // The lease would keep the second one waiting until the first is done.
        if (progress.path.startsWith('ExtractSlices[0]')) void takeLeaseAway(data);
      },
    }));
    site.jazz.fault({ fault: { kind: 'drip', delayMs: 20 } });
    const report = await road.run(new Date(site.jazz.now()));
    expect(report).toMatchObject({ ok: true, feeds: { work_items: { batches: 1 } } });
    expect(executions.size).toBe(2);
    expect(await inspect(site)).toEqual(ALL_WELL);
    expect(await sealsIn(road)).toEqual([
      'w-20251201T000000000Z ewm.comments',
      'w-20251201T000000000Z ewm.work_items',
    ]);
    const invocations = new Set(
      (await road.session.deployment.records.list('staged/')).keys.map((key) => key.split('/')[3]),
    );
    expect(invocations.size, 'both executions staged files').toBeGreaterThan(5);
  });

  it('ends in the same rows when each event comes twice and late, and the reply of each put is lost once', async () => {
    const opened = await open({ duplicateDeliveries: true, reorderWithinMs: 400 });
    opened.road.session.cloud.faultService('s3', { kind: 'loseReply', count: 1, isPerKey: true });
    await runTwiceOver(opened);
    const seals = await sealsIn(opened.road);
    expect(seals).toHaveLength(new Set(seals).size);
  });

  it('goes on when functions are throttled now and then', async () => {
    await runTwiceOver(await open({ throttleInvokes: 0.2 }));
  });

  it('settles by the sweep when the warehouse tells nobody that a load has ended', async () => {
    const { site, road } = await open({ loseEventsOf: ['aws.redshift-data'] });
    const report = await road.run(new Date(site.jazz.now()));
    expect(report).toMatchObject({ ok: false, failures: [{ feed: 'work_items', error: 'NotLoaded' }] });
    expect(await inspect(site)).toEqual({
      ...ALL_WELL,
      pending: ['pending/work_items/w-20251201T000000000Z'],
    });
    await sweepLater(road.session, site.data);
    expect(await inspect(site)).toEqual(ALL_WELL);
    road.session.cloud.setFaults({});
    site.jazz.change(60);
    expect(await road.run(new Date(site.jazz.now()))).toMatchObject({ ok: true });
    expect(await inspect(site)).toEqual(ALL_WELL);
  });
});
