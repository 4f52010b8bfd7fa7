import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { landingOf } from '../../shared/model/landing.ts';
import { batchParked, loadFailed, loadSucceeded } from '../../shared/state/events.ts';
import { catchEvents } from './support/assembly.ts';
import { openRoad, openSite, type Road, type Site } from './support/road.ts';

/** What the bus is told of loads and of what is parked, caught by a rule as anybody may have one. */

const FEED = 'inspections';
const event = z.object({ 'detail-type': z.string(), source: z.literal('millrace'), detail: z.unknown() });

let site: Site;
let road: Road;
let events: readonly z.infer<typeof event>[];

beforeAll(async () => {
  site = await openSite({ shared: inject('sharedFolder'), seed: 5, items: 30, pageSize: 20 });
  await catchEvents(site.assembly, ['LoadSucceeded', 'LoadFailed', 'BatchParked']);
  const broken = join(site.assembly, 'broken.xml');
  await writeFile(broken, '<inspections><inspection id="1"></inspections>');
  road = await openRoad(site);
  // A table that is somebody else's: no load of that feed can be.
  const { signal } = new AbortController();
  for (const sql of ['CREATE SCHEMA quality', 'CREATE TABLE quality.inspections (id integer)'])
    await road.session.deployment.warehouse.execute(sql, signal);
  const landing = landingOf(FEED, { kind: 's3', suffixes: ['.xml'] });
  const files = ['feeds/samples/inspections.xml', broken].map((path) => ({ feed: FEED, path, landing }));
  await road.run(new Date(site.jazz.now()), files);
  const caught = road.session.cloud.executions().filter(({ machine }) => /caught/i.test(machine));
  events = caught.map(({ input }) => event.parse(JSON.parse(input)));
}, 300_000);
afterAll(async () => {
  await road.close();
  await site.close();
});

describe('the bus', () => {
  it('is told of each load that succeeded: its feed, its batches, and what they hold', () => {
    const details = events
      .filter((one) => one['detail-type'] === 'LoadSucceeded')
      .map(({ detail }) => loadSucceeded.parse(detail));
    expect(details).toHaveLength(1);
    expect(details[0]).toMatchObject({
      feed: 'work_items',
      loadKey: expect.stringMatching(/^loads\/work_items\/.*\/00001\.json$/),
      batches: { count: 1, names: ['w-20251201T000000000Z'], unnamed: 0 },
      counts: { records: 30, staged: { 'ewm.work_items': 30 }, rejected: 0 },
    });
  });

  it('is told of a load that was given up: by what, what it held, and that its batch waits for a person', () => {
    const [failed, ...others] = events.filter((one) => one['detail-type'] === 'LoadFailed');
    expect(others).toEqual([]);
    const detail = loadFailed.parse(failed?.detail);
    expect(detail).toMatchObject({
      feed: FEED,
      batches: { count: 1, unnamed: 0 },
      counts: { rejected: 0 },
      error: 'WarehouseRefused',
      cause: expect.stringContaining('quality.inspections'),
    });
    expect(detail.counts.records).toBeGreaterThan(0);
    const { feed, loadKey, batches, error, cause } = detail;
    expect(events).toContainEqual({
      source: 'millrace',
      'detail-type': 'BatchParked',
      detail: { feed, loadKey, batches, error, cause, state: 'Load' },
    });
  });

  it('is told of a landed file that was parked, and why', () => {
    const details = events
      .filter((one) => one['detail-type'] === 'BatchParked')
      .map(({ detail }) => batchParked.parse(detail))
      .filter(({ state }) => state !== 'Load');
    expect(details).toEqual([
      {
        feed: FEED,
        batches: { count: 1, names: [expect.stringMatching(/^f-/)], unnamed: 0 },
        state: 'ExtractSlice',
        error: 'XmlMalformed',
        cause: expect.stringContaining('line 1'),
      },
    ]);
  });
});
