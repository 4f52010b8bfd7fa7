import { describe, expect, it } from 'vitest';
import { planRebuild } from '../../../handlers/operate/rebuild-table.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import type { ObjectsServer } from '../../infra/local/redshift/objects-server.ts';
import { withWarehouse } from '../../infra/local/redshift/with-warehouse.ts';
import { feedOf } from '../extract/world.ts';
import { toDeployed } from './support/deployment.ts';
import { day, FILES, items, itemsFeed, rebuildingIn, toXml, WHOLE } from './support/items.ts';

/** What a rebuild says before it begins, and what it refuses, each with what to type instead. */

let opened: { readonly s3: ObjectsServer; readonly warehouse: Warehouse };
withWarehouse((of) => {
  opened = of;
});
const open = rebuildingIn(() => opened);

const by = (schema: string, disposition: string, source?: string): Feed =>
  feedOf(
    schema,
    `${source ?? 'source: { http: { url: "http://127.0.0.1:8080/items", params: { from: "${window.from}" } } }\nschedule: rate(1 day)\nwindow: { cursor: at, start: 2026-01-01T00:00:00Z }'}
tables:
  ${schema}.items:
    rows: /items/item
    disposition: ${disposition}
    columns: { id: bigint, part: varchar(20), at: timestamptz, name: varchar(20) }
`,
  );

/** The plan of a feed whose first files or windows are loaded, or why there is none. */
const planOf = async (
  { schema, deployment }: ReturnType<typeof open>,
  feed: Feed,
  others: readonly Feed[] = [],
) => {
  const deployed = toDeployed(feed);
  const feeds = Object.fromEntries([deployed, ...others].map((one) => [one.feed, one]));
  return planRebuild(deployed, `${schema}.items`, feeds, deployment.deps());
};

const loaded = async (world: ReturnType<typeof open>, feed: Feed): Promise<void> => {
  const { schema, deployment } = world;
  deployment.deploy(feed);
  const work =
    feed.source.kind === 's3'
      ? deployment.land(`landing/${schema}/a.xml`, 'v1', toXml(items))
      : deployment.schedule(day(6));
  await deployment.live(work);
};

describe('what a rebuild would do', () => {
  it('is told with the rows of now, where they stay, and what is read', async () => {
    const world = open();
    const { schema, deployment } = world;
    await loaded(world, itemsFeed(schema, '[id]'));
    await deployment.query(`ALTER TABLE ${schema}.items ADD COLUMN note VARCHAR(5)`);
    const plan = await planOf(world, itemsFeed(schema, '[id, part]'));
    expect(plan).toMatchObject({
      ...{ from: day(0), to: day(6), isRunning: false, objects: undefined },
      tables: [
        { table: `${schema}.items`, rows: 4, old: `${schema}.items$old`, lost: ['note'] },
        { table: `${schema}.lines`, rows: 8, old: `${schema}.lines$old`, lost: [] },
      ],
    });
    expect(deployment.entries.has(`rebuilds/${schema}.json`)).toBe(false);
  });

  it('begins with the earliest range that was ever read', async () => {
    const world = open();
    const { schema, deployment } = world;
    await loaded(world, itemsFeed(schema, '[id]'));
    const [key = '', text = ''] = [...deployment.entries].find(([name]) => name.startsWith('batches/')) ?? [];
    const early = 'b-0123456789ab-20251201T000000000Z-20251203T000000000Z';
    deployment.entries.set(key.replace(/w-\w+/, early), text);
    expect((await planOf(world, itemsFeed(schema, '[id, part]'))).from).toBe('2025-12-01T00:00:00.000Z');
  });
});

describe('a rebuild is refused', () => {
  it('of a table that the next run makes', async () => {
    const world = open();
    await expect(planOf(world, itemsFeed(world.schema, '[id]'))).rejects.toThrow(
      `table ${world.schema}.items is not in the warehouse, and the next run of ${world.schema} makes it: npx millrace trigger ${world.schema}`,
    );
  });

  it.each([
    [
      'history\n    key: [id]\n    sequence: [at]',
      undefined,
      /keeps every version of a record, and .* has only the newest version: give the table another name/,
    ],
    [
      'append',
      WHOLE,
      /has the rows of every run of .*, and its source gives only the rows of now: give the table another name/,
    ],
    [
      'history\n    key: [id]',
      FILES,
      /in the order in which they are loaded, .*: give it a sequence, or give the table another name/,
    ],
    [
      'replace',
      WHOLE,
      /each run of .* replaces all rows of .*, which needs no rebuild: npx millrace trigger/,
    ],
  ])('of a table that is kept by %s', async (disposition, source, why) => {
    const world = open();
    const feed = by(world.schema, disposition, source);
    await loaded(world, feed);
    await expect(planOf(world, feed)).rejects.toThrow(why);
  });

  it('of landed files that are in the bucket no more', async () => {
    const world = open();
    const feed = itemsFeed(world.schema, '[id]', { source: FILES });
    await loaded(world, feed);
    expect(await planOf(world, feed)).toMatchObject({ objects: 1 });
    world.deployment.landed.clear();
    await expect(planOf(world, feed)).rejects.toThrow(
      /^versions of landed files of .*, 1 in all, .* land the files once more, or give/,
    );
  });

  it('of a table that another feed loads, and of rows that Millrace did not load', async () => {
    const world = open();
    const { schema, deployment } = world;
    const feed = itemsFeed(schema, '[id]');
    await loaded(world, feed);
    const other = { ...toDeployed(feed), feed: 'other' };
    await expect(planOf(world, feed, [other])).rejects.toThrow(`${schema}.items has rows of feed other too`);
    await deployment.query(`INSERT INTO ${schema}.items (id, part) SELECT 99, 'z'`);
    await expect(planOf(world, feed)).rejects.toThrow(/has 1 rows that Millrace did not load/);
  });
});
