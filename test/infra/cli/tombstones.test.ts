import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { feedOf } from '../../shared/feed/sample.ts';
import { fakeIo } from './fake-io.ts';
import { fakeBatch, fakeWorld } from './fake-session.ts';
import { startRun } from './start-run.ts';

const FEED = `feed: items
source: { s3: {} }
tables:
  shop.items:
    rows: /items/item
    disposition: merge
    key: [id]
    columns: { id: bigint, name: varchar(20) }
deletes:
  shop.items: { rows: /items/gone, match: { id: "@ref" } }
`;
const ITEM = '<item><id>1</id><name>a</name></item>';
const GONE = '<gone ref="2"/><gone ref="3"/>';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tombstones-'));
  await mkdir(join(folder, 'feeds'));
  await writeFile(join(folder, 'feeds', 'items.yaml'), FEED);
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (argv: readonly string[], ...elements: readonly string[]) => {
  const stdin = Readable.from([Buffer.from(`<items>${elements.join('')}</items>`)]);
  const io = { ...fakeIo({ cwd: folder }), stdin };
  const status = await runCommand(argv, io, '0');
  return { status, out: io.out(), err: io.err() };
};

describe('convert', () => {
  test('writes tombstones into a file of their own, and counts them', async () => {
    const { status, err } = await run(['convert', 'feeds/items.yaml', '-', '--out', 'out'], ITEM, GONE);
    expect([status, err]).toEqual([0, '3 records: shop.items 1 row, shop.items$deleted 2 rows\n']);
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['shop.items$deleted.csv', 'shop.items.csv']);
    expect(await readFile(join(folder, 'out', 'shop.items$deleted.csv'), 'utf8')).toBe('id\n2\n3\n');
  });

  test('prints them where they are asked for, of a document that has nothing else', async () => {
    const { status, out } = await run(
      ['convert', 'feeds/items.yaml', '-', '--table', 'shop.items$deleted'],
      GONE,
    );
    expect([status, out]).toEqual([0, 'id\n2\n3\n']);
  });

  test('says nothing of tombstones that a document has none of, unless they are misspelt', async () => {
    const without = await run(['convert', 'feeds/items.yaml', '-'], ITEM);
    expect(without).toMatchObject({
      status: 0,
      err: '1 record: shop.items 1 row, shop.items$deleted 0 rows\n',
    });
    const misspelt = await run(['convert', 'feeds/items.yaml', '-'], ITEM, GONE.replaceAll('gone', 'Gone'));
    expect(misspelt.err).toContain(
      'table shop.items$deleted: rows /items/gone matched nothing in the document; the nearest there is /items/Gone',
    );
  });

  test('fails where all of them are rejected', async () => {
    const { status, err } = await run(['convert', 'feeds/items.yaml', '-'], ITEM, '<gone ref="x"/>');
    expect(status).toBe(1);
    expect(err).toContain('has table shop.items$deleted with 1 reject and no row kept');
  });
});

test('preview shows tombstones', async () => {
  const { status, out } = await run(['preview', 'items', '-'], ITEM, GONE);
  expect(status).toBe(0);
  expect(out).toMatch(/shop\.items\$deleted\n\s*id\s*\n[^a-z]*2\s*\n\s*3/);
});

test('validate takes them', async () => {
  const { status, out } = await run(['validate']);
  expect([status, out]).toEqual([0, '✓ items  shop.items, shop.items$deleted  (3 columns)\n']);
});

test('run reports the tables of the warehouse alone', async () => {
  const items = feedOf(FEED);
  const world = fakeWorld();
  world.work = () =>
    world.objects.set('batches/items/2026/01/15/f-1.json', toRecordText(fakeBatch(items, 'f-1')));
  const { io } = await startRun('--once --json --feed items', { world, feeds: [items] });
  expect(Object.keys(JSON.parse(io.out()).feeds.items.tables)).toEqual(['shop.items']);
});

test.each([
  ['delete', '1 deleted'],
  ['mark', '1 marked'],
])('run says of rows that %s takes away: %s', async (mode, said) => {
  const items = feedOf(FEED.replace('rows: /items/gone,', `rows: /items/gone, mode: ${mode},`));
  const sealing = () => {
    const world = fakeWorld();
    world.work = () =>
      void world.objects.set('batches/items/2026/01/15/f-1.json', toRecordText(fakeBatch(items, 'f-1')));
    world.ledger = [['f-1', 's', 'shop.items', 'k', '0', '0', '0', '0', '0', '1', '0']];
    return world;
  };
  const { io } = await startRun('--once --feed items', { world: sealing(), feeds: [items] });
  expect(io.out()).toContain(`    shop.items  0 rows  ${said}\n`);
  const json = await startRun('--once --json --feed items', { world: sealing(), feeds: [items] });
  const told = JSON.parse(json.io.out()).feeds.items;
  expect(told.tables['shop.items'].deleted).toBe(1);
  expect(told).not.toHaveProperty('marking');
});
