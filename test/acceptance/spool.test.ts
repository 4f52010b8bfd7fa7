import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { shortenSteps } from './support/assembly.ts';
import { ALL_WELL, inspect, openRoad, openSite, type Road, type Site } from './support/road.ts';

/** Steps of eight seconds, and pages that are sent for fifteen. */
const STEP_SECONDS = 8;
const PAGE_SIZE = 25;
const DRIP_MS = 600;
const LONG = 600_000;

let site: Site;
let road: Road;

beforeAll(async () => {
  site = await openSite({ shared: inject('sharedFolder'), seed: 7, items: 200, pageSize: PAGE_SIZE });
  await shortenSteps(site.assembly, STEP_SECONDS);
  road = await openRoad(site, { timeScale: 1 });
}, LONG);
afterAll(async () => {
  await road.close();
  await site.close();
});

describe('a source that sends some pages for longer than an execution has', () => {
  it(
    'has them copied by a function that has the time, and ends in the warehouse with every row',
    async () => {
      site.jazz.fault({ fault: { kind: 'drip', delayMs: DRIP_MS }, page: 2 });
      const report = await road.run(new Date(site.jazz.now()));
      expect(report).toMatchObject({ ok: true, failures: [], feeds: { work_items: { batches: 1 } } });
      expect(await inspect(site)).toEqual(ALL_WELL);
      const keys = (await road.session.deployment.records.list('spool/')).keys;
      const asked = keys.filter((key) => /-\d{5}\.json$/.test(key));
      expect(asked.length).toBeGreaterThan(0);
      expect(keys.filter((key) => key.endsWith('/spooled.json'))).toHaveLength(asked.length);
      expect(keys.filter((key) => key.endsWith('.xml'))).toHaveLength(asked.length);
    },
    LONG,
  );
});
