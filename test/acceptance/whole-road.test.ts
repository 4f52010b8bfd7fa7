import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FeedReport, RunReport } from '../../infra/cli/report.ts';
import { openTraceStore } from '../../infra/local/xray/trace-store.ts';
import { buildTrace, walkTrace } from '../../infra/local/xray/trace-tree.ts';
import { ALL_WELL, inspect, openRoad, openSite, type Road, type Site } from './support/road.ts';
import {
  dataOf,
  differences,
  differencesFromSource,
  type Row,
  readLedger,
  readTables,
  type Tables,
} from './support/tables.ts';

/** In forty pages, as 20,000 are in the sample feed's pages of 500. MILLRACE_ITEMS says another number. */
const ITEMS = Number(process.env.MILLRACE_ITEMS ?? 4_000);
const PAGES = 40;
const CHANGED = ITEMS / 20;
const shown = ITEMS.toLocaleString('en-US');
const LONG = 600_000;
const HOUR_MS = 3_600_000;

let site: Site;
let road: Road;
let first: Tables;

beforeAll(async () => {
  site = await openSite({ shared: inject('sharedFolder'), seed: 20, items: ITEMS, pageSize: ITEMS / PAGES });
  road = await openRoad(site, { timeScale: 1 });
}, LONG);
afterAll(async () => {
  await road.close();
  await site.close();
});

const now = (): Date => new Date(site.jazz.now());

const workItemsIn = ({ feeds }: RunReport): FeedReport => {
  const found = feeds.work_items;
  if (found === undefined) throw new Error('the report tells nothing of work_items');
  return found;
};

/** How often executions have been in a state, by the segments that they left. */
const countVisits = (state: string): number => {
  const store = openTraceStore(join(site.data, 'traces'));
  const nodes = store.list().flatMap((id) => buildTrace(store.read(id)).flatMap(walkTrace));
  return nodes.filter(({ name }) => name === state).length;
};

const ids = (indices: readonly number[]): ReadonlySet<unknown> =>
  new Set(indices.map((index) => site.jazz.workItem(index).itemId));

const ofItems = (rows: readonly Row[], items: ReadonlySet<unknown>, isIn: boolean): readonly Row[] =>
  rows.filter(({ item_id }) => items.has(item_id) === isIn);

describe(`a feed of ${shown} work items with comments`, () => {
  it('ends in the warehouse with every field of every row as the source holds it', async () => {
    const startedAt = Date.now();
    const report = await road.run(now());
    console.info(`${shown} work items: ${report.seconds.toFixed(1)} s`);
    first = await readTables(road.session.deployment);
    expect(report).toMatchObject({ ok: true, failures: [] });
    const { workItems, comments } = first;
    expect(report.feeds.work_items).toMatchObject({
      batches: 1,
      rejects: 0,
      warnings: [],
      tables: {
        'ewm.work_items': { rows: ITEMS, inserted: ITEMS, updated: 0, deleted: 0 },
        'ewm.comments': { rows: comments.length, inserted: comments.length, updated: 0, deleted: 0 },
      },
    });
    const [observed] = new Set(workItems.map(({ _observed }) => _observed));
    expect(new Set(workItems.map(({ _batch }) => _batch))).toEqual(new Set(['w-20251201T000000000Z']));
    expect([...workItems, ...comments].every((row) => row._observed === observed)).toBe(true);
    expect(Date.parse(String(observed))).toBeGreaterThanOrEqual(startedAt - 1000);
    expect(Date.parse(String(observed))).toBeLessThanOrEqual(Date.now());
    expect(await inspect(site)).toEqual(ALL_WELL);
  });

  it('numbers every row once, and each comment by its work item', () => {
    const { workItems, comments } = first;
    expect(new Set(workItems.map(({ _row }) => _row)).size).toBe(workItems.length);
    expect(new Set(comments.map(({ _row }) => _row)).size).toBe(comments.length);
    const rowOf = new Map(workItems.map(({ item_id, _row }) => [item_id, _row]));
    expect(comments.filter(({ item_id, _parent_row }) => rowOf.get(item_id) !== _parent_row)).toEqual([]);
  });

  it('stays as it is, to the last bookkeeping, when it is run again', async () => {
    const ledger = await readLedger(road.session.deployment);
    const report = await road.run(now());
    expect(report).toMatchObject({ ok: true, feeds: { work_items: { batches: 0, records: 0 } } });
    const again = await readTables(road.session.deployment);
    expect(differences(again.workItems, first.workItems)).toEqual([]);
    expect(differences(again.comments, first.comments)).toEqual([]);
    expect(await readLedger(road.session.deployment)).toEqual(ledger);
  });

  it('changes exactly where the source changed', async () => {
    const before = first;
    const prepared = countVisits('PrepareWarehouse');
    const submitted = countVisits('SubmitLoad');
    const changed = ids(site.jazz.change(CHANGED));
    const report = await road.run(now());
    console.info(`${CHANGED} changed work items: ${report.seconds.toFixed(1)} s`);
    const after = await readTables(road.session.deployment);
    expect(differencesFromSource(after, site.jazz)).toEqual([]);
    for (const table of ['workItems', 'comments'] as const) {
      const untouched = ofItems(before[table], changed, false);
      expect(differences(ofItems(after[table], changed, false), untouched)).toEqual([]);
    }
    const gone = before.comments.length - ofItems(before.comments, changed, false).length;
    const come = after.comments.length - ofItems(after.comments, changed, false).length;
    const { tables, records } = workItemsIn(report);
    expect(records).toBe(CHANGED);
    expect(tables['ewm.work_items']).toMatchObject({
      rows: ITEMS,
      inserted: 0,
      updated: CHANGED,
      deleted: 0,
    });
    const counts = tables['ewm.comments'];
    expect(counts?.rows).toBe(after.comments.length);
    expect((counts?.inserted ?? 0) - (counts?.deleted ?? 0)).toBe(come - gone);
    expect(counts?.deleted).toBeGreaterThan(0);
    // The warehouse has the contract by now, and SubmitLoad alone finds that out.
    expect(prepared).toBeGreaterThan(0);
    expect(countVisits('PrepareWarehouse')).toBe(prepared);
    expect(countVisits('SubmitLoad')).toBeGreaterThan(submitted);
    first = after;
  });

  it('takes what the lookback reads twice for what it is', async () => {
    site.jazz.advance(HOUR_MS);
    const report = await road.run(now());
    const again = await readTables(road.session.deployment);
    const { records, tables } = workItemsIn(report);
    expect(records).toBeGreaterThan(0);
    expect(tables['ewm.work_items']).toMatchObject({ staged: records, inserted: 0, updated: 0, deleted: 0 });
    expect(tables['ewm.comments']).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
    expect(differences(again.workItems.map(dataOf), first.workItems.map(dataOf))).toEqual([]);
    expect(differences(again.comments.map(dataOf), first.comments.map(dataOf))).toEqual([]);
  });
});
