import { describe, expect, it } from 'vitest';
import { readStatus } from '../../../handlers/operate/read-status.ts';
import { giveUpRebuild } from '../../../handlers/operate/rebuild-table.ts';
import { type Redriven, redrive } from '../../../handlers/operate/redrive.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import { continueLanded } from '../../../handlers/sweep/continue-landed.ts';
import type { ObjectsServer } from '../../infra/local/redshift/objects-server.ts';
import { withWarehouse } from '../../infra/local/redshift/with-warehouse.ts';
import { feedOf } from '../extract/world.ts';
import { toDeployed } from './support/deployment.ts';
import {
  answerOf,
  byPart,
  day,
  FILES,
  type Item,
  items,
  itemsFeed,
  newest,
  openKeys,
  rebuildingIn,
  toXml,
  until,
  WHOLE,
} from './support/items.ts';

/** A rebuild from its command to its swap, on the local warehouse. */

let opened: { readonly s3: ObjectsServer; readonly warehouse: Warehouse };
withWarehouse((of) => {
  opened = of;
});
const open = rebuildingIn(() => opened);

describe('a rebuild', () => {
  it('gives a table with its children another key, and goes on with what waited', async () => {
    const { schema, deployment, rows, count } = open();
    deployment.deploy(itemsFeed(schema, '[id]'));
    await deployment.live(deployment.schedule(day(6)));
    expect(await rows()).toEqual(newest(until(day(6)), ({ id }) => String(id)));

    deployment.deploy(itemsFeed(schema, '[id, part]'));
    await deployment.live(deployment.schedule(day(8)));
    expect(await rows()).toEqual(newest(until(day(6)), ({ id }) => String(id)));

    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(newest(until(day(6)), byPart));
    expect(await count(`${schema}.lines`)).toBe(2 * (await count(`${schema}.items`)));
    expect(await count(`${schema}."items$old"`)).toBe(4);

    await deployment.live(deployment.schedule(day(8)));
    expect(await rows()).toEqual(newest(until(day(8)), byPart));
    const unchanged = `SELECT SUM(duplicate) FROM millrace.ledger WHERE feed = '${schema}' AND batch LIKE 'w-%'`;
    expect(Number((await deployment.query(unchanged))[0]?.[0])).toBe(0);
    expect(openKeys(deployment.entries)).toEqual([]);
  });

  it('loads what was sealed by the new feed and refused for a type, behind the swap', async () => {
    const numbers = items.map((item, n) => ({ ...item, name: String(n) }));
    const { schema, deployment, rows } = open((url) => answerOf(numbers, url));
    deployment.deploy(itemsFeed(schema, '[id, part]'));
    await deployment.live(deployment.schedule(day(6)));
    deployment.deploy(itemsFeed(schema, '[id, part]', { name: 'bigint' }));
    await deployment.live(deployment.schedule(day(8)));
    expect(openKeys(deployment.entries)).toEqual([expect.stringMatching(/^parked\/.*w-/)]);
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(
      newest(
        numbers.filter(({ at }) => at < day(8)),
        byPart,
      ),
    );
    expect(openKeys(deployment.entries)).toEqual([]);
  });

  it('reads all landed files again, each once, and leaves those that come meanwhile to the feed', async () => {
    const { schema, deployment, rows, count } = open();
    const drops = (key: string) => itemsFeed(schema, key, { source: FILES });
    const file = (name: string, some: readonly Item[]) =>
      deployment.land(`landing/${schema}/${name}.xml`, 'v1', toXml(some));
    deployment.deploy(drops('[id]'));
    await deployment.live(file('a', items.slice(0, 5)));
    deployment.clock.advance(60_000);
    await deployment.live(file('b', items.slice(5, 8)));
    deployment.deploy(drops('[id, part]'));
    deployment.clock.advance(60_000);
    await deployment.live(file('c', items.slice(8)));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(newest(items.slice(0, 8), byPart));
    const waits = toDeployed(drops('[id, part]'));
    const statusOf = () => readStatus(schema, waits, deployment.deps());
    expect(await statusOf()).toMatchObject({ state: 'retrying', hasUnread: true });
    await deployment.live(async () => void (await continueLanded(waits, 1, deployment.deps())));
    expect(await rows()).toEqual(newest(items, byPart));
    expect(await count(`${schema}.lines`)).toBe(2 * (await count(`${schema}.items`)));
    expect(await statusOf()).toMatchObject({ state: 'ok', hasUnread: false });
    expect([...deployment.entries.keys()].filter((key) => key.endsWith('unread.json'))).toEqual([]);
  });

  it('of rows without a key has each once, though files land and commands die meanwhile', async () => {
    const { schema, deployment, rows } = open();
    const drops = (name: string) =>
      feedOf(
        schema,
        `${FILES}
tables:
  ${schema}.items:
    rows: /items/item
    disposition: append
    columns: { id: bigint, part: varchar(20), name: ${name} }
`,
      );
    const file = (name: string, some: readonly Item[]) =>
      deployment.land(`landing/${schema}/${name}.xml`, 'v1', toXml(some));
    deployment.deploy(drops('varchar(20)'));
    await deployment.live(file('a', items.slice(0, 5)));
    deployment.deploy(drops('varchar(9)'));
    await deployment.live(file('b', items.slice(5, 8)), 60);
    await deployment.live(deployment.rebuild(`${schema}.items`), 40);
    await deployment.live(file('c', items.slice(8)));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    await deployment.live(deployment.sweep);
    await deployment.live(file('b', items.slice(5, 8)));
    expect(await rows()).toEqual(items.map(({ id, part, name }) => `${id} ${part} ${name}`).sort());
    expect(openKeys(deployment.entries)).toEqual([]);
  });

  it('of a feed without a window reads its source whole, once', async () => {
    const { schema, deployment, rows } = open();
    const whole = (key: string) => itemsFeed(schema, key, { source: WHOLE });
    deployment.deploy(whole('[id]'));
    await deployment.live(deployment.schedule(day(6)));
    deployment.deploy(whole('[id, part]'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(newest(items, byPart));
    await deployment.live(deployment.schedule(day(7)));
    expect(await rows()).toEqual(newest(items, byPart));
  });

  it('of a history of landed files has every version again, and of whole snapshots the last one', async () => {
    const { schema, deployment, rows } = open();
    const drops = (disposition: string, name: string) =>
      feedOf(
        schema,
        `${FILES}
tables:
  ${schema}.items:
    rows: /items/item
    disposition: ${disposition}
    key: [id]
    sequence: [at]
    columns: { id: bigint, part: varchar(20), at: timestamptz, name: ${name} }
`,
      );
    const file = (name: string, some: readonly Item[]) =>
      deployment.land(`landing/${schema}/${name}.xml`, 'v1', toXml(some));
    const all = items.map(({ id, part, name }) => `${id} ${part} ${name}`).sort();
    deployment.deploy(drops('history', 'varchar(20)'));
    await deployment.live(file('a', items.slice(0, 8)));
    deployment.clock.advance(60_000);
    await deployment.live(file('b', items.slice(8)));
    expect(await rows()).toEqual(all);
    deployment.deploy(drops('history', 'varchar(9)'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(all);
    const current = `SELECT COUNT(*) FROM ${schema}.items WHERE _is_current`;
    expect(Number((await deployment.query(current))[0]?.[0])).toBe(4);
    deployment.deploy(drops('replace', 'varchar(9)'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(newest(items.slice(8), ({ id }) => String(id)));
  });

  it('begins anew where the feed is changed once more, and mixes nothing of the first', async () => {
    const { schema, deployment, rows, count } = open();
    deployment.deploy(itemsFeed(schema, '[id]'));
    await deployment.live(deployment.schedule(day(6)));
    deployment.deploy(itemsFeed(schema, '[id, part]'));
    await deployment.live(deployment.rebuild(`${schema}.items`), 150);
    expect(deployment.entries.has(`rebuilds/${schema}.json`)).toBe(true);
    // Its own schedule waits, and nobody is told of a failure.
    await deployment.live(deployment.schedule(day(8)));
    expect(openKeys(deployment.entries).filter((key) => /^(failures|parked)/.test(key))).toEqual([]);
    deployment.deploy(itemsFeed(schema, '[part]'));
    await deployment.live(deployment.sweep);
    expect(await rows()).toEqual(newest(until(day(6)), ({ id }) => String(id)));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(newest(until(day(6)), ({ part }) => part));
    await deployment.live(deployment.sweep);
    expect(openKeys(deployment.entries)).toEqual([]);
    // What the second one replaces is its own.
    deployment.deploy(itemsFeed(schema, '[id, part]'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(newest(until(day(6)), byPart));
    expect(await count(`${schema}."items$old"`)).toBe(2);
    await deployment.live(deployment.schedule(day(8)));
    expect(await rows()).toEqual(newest(until(day(8)), byPart));
  });

  it('lets the feed go on as it was where the change is undone or the rebuild is given up', async () => {
    const { schema, deployment, rows } = open();
    const byId = (end: string) => newest(until(end), ({ id }) => String(id));
    deployment.deploy(itemsFeed(schema, '[id]'));
    await deployment.live(deployment.schedule(day(6)));
    deployment.deploy(itemsFeed(schema, '[id, part]'));
    await deployment.live(deployment.rebuild(`${schema}.items`), 150);
    deployment.deploy(itemsFeed(schema, '[id]'));
    await deployment.live(deployment.schedule(day(8)));
    expect(await rows()).toEqual(byId(day(8)));
    const given = await giveUpRebuild(schema, deployment.deps());
    expect(given?.table).toBe(`${schema}.items`);
    await deployment.live(deployment.sweep);
    await deployment.live(deployment.schedule(day(10)));
    expect(await rows()).toEqual(byId(day(10)));
    expect(openKeys(deployment.entries)).toEqual([]);
  });

  it('whose swap the warehouse refuses is parked with the reason, and ends once that is mended', async () => {
    const { schema, deployment, rows } = open();
    deployment.deploy(itemsFeed(schema, '[id]'));
    await deployment.live(deployment.schedule(day(6)));
    for (const key of ['[id, part]', '[part]']) {
      deployment.deploy(itemsFeed(schema, key));
      await deployment.live(deployment.rebuild(`${schema}.items`));
      if (key === '[id, part]')
        await deployment.query(`CREATE VIEW ${schema}.bound AS SELECT id FROM ${schema}."items$old"`);
    }
    expect(await rows()).toEqual(newest(until(day(6)), byPart));
    const parked = openKeys(deployment.entries).find((key) => key.startsWith('parked/')) ?? '';
    expect(parked).toMatch(/^parked\/.*-swap-/);
    expect(deployment.entries.get(parked)).toContain('depend');
    await deployment.query(`DROP VIEW ${schema}.bound`);
    const [, , batch = ''] = parked.replace('.json', '').split('/');
    const done: Redriven[] = [];
    await deployment.live(async () => {
      done.push(...(await redrive(schema, [batch], deployment.deps())));
    });
    expect(done).toMatchObject([{ batch, outcome: 'load' }]);
    expect(await rows()).toEqual(newest(until(day(6)), ({ part }) => part));
    expect(openKeys(deployment.entries)).toEqual([]);
  });

  it('whose warehouse is replaced before the swap has its rows loaded again, and ends by itself then', async () => {
    const { schema, deployment, rows, count } = open();
    deployment.deploy(itemsFeed(schema, '[id]'));
    await deployment.live(deployment.schedule(day(6)));
    deployment.deploy(itemsFeed(schema, '[id, part]'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    await deployment.query(`CREATE VIEW ${schema}.bound AS SELECT id FROM ${schema}."items$old"`);
    deployment.deploy(itemsFeed(schema, '[part]'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    const [, , batch = ''] = (openKeys(deployment.entries).find((key) => key.startsWith('parked/')) ?? '')
      .replace('.json', '')
      .split('/');
    await deployment.query(`DROP VIEW ${schema}.bound`);
    const all = `SELECT table_name FROM svv_tables WHERE table_schema = '${schema}'`;
    const names = (await deployment.query(all)).map(([name]) => String(name));
    expect(names).toHaveLength(6);
    for (const name of names) await deployment.query(`DROP TABLE ${schema}."${name}"`);
    for (const table of ['ledger', 'contracts', 'targets'])
      await deployment.query(`DELETE FROM millrace.${table} WHERE feed = '${schema}'`);

    await deployment.live(async () => {
      await redrive(schema, [batch], deployment.deps());
    });
    expect(await rows()).toEqual(newest(until(day(6)), ({ part }) => part));
    expect(await count(`${schema}.lines`)).toBe(2 * (await count(`${schema}.items`)));
    expect(openKeys(deployment.entries)).toEqual([]);
  });

  it('takes tombstones along, so that what comes late stays deleted', async () => {
    const { schema, deployment, rows } = open();
    const drops = (key: string) =>
      feedOf(
        schema,
        `${FILES}
tables:
  ${schema}.items:
    rows: /items/item
    disposition: merge
    key: [${key}]
    sequence: [at]
    columns: { id: bigint, part: varchar(20), at: timestamptz, name: varchar(20) }
deletes:
  ${schema}.items: { rows: /items/gone, match: { ${key.replaceAll(/(\w+)/g, '$1: $1')} }, sequence: at }
`,
      );
    const gone = `<items><gone><id>0</id><part>a</part><at>${day(30)}</at></gone></items>`;
    const file = (name: string, text: string) => deployment.land(`landing/${schema}/${name}.xml`, 'v1', text);
    deployment.deploy(drops('id'));
    await deployment.live(file('a', toXml(items.slice(0, 4))));
    deployment.clock.advance(60_000);
    await deployment.live(file('b', gone));
    const left = newest(items.slice(1, 4), byPart);
    expect(await rows()).toEqual(left);
    deployment.deploy(drops('id, part'));
    await deployment.live(deployment.rebuild(`${schema}.items`));
    expect(await rows()).toEqual(left);
    await deployment.live(file('late', toXml(items.slice(4, 5))));
    expect(await rows()).toEqual(left);
  });
});
