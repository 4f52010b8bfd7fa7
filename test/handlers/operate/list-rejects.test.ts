import { describe, expect, it } from 'vitest';
import { listRejects, type OperateDeps } from '../../../handlers/operate/list-rejects.ts';
import { openCsvFile } from '../../../shared/csv/csv-file.ts';
import { landedBatch } from '../../../shared/state/keys.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { chunksOf } from '../../shared/xml/documents.ts';
import {
  dropsFeed,
  execute,
  executeToEnd,
  itemsFeed,
  landed,
  schedule,
  sealedBatches,
  worldOf,
} from '../extract/world.ts';

type World = ReturnType<typeof worldOf>;

const bad = (xml: string, id: number): string => xml.replace(`<id>${id}</id>`, `<id>no ${id}</id>`);

const depsOf = ({ records, streams }: World, inventory = memoryInventory(new Map())): OperateDeps => ({
  ...{ records, inventory },
  open: async (key) => {
    const bytes = streams.objects.get(key);
    return bytes === undefined ? undefined : chunksOf(bytes, 7);
  },
});

const knownOf = ({ feed }: World) => ({ name: feed.feed, feed });

const list = async (world: World, batch?: string, inventory?: ReturnType<typeof memoryInventory>) => {
  const found: (readonly unknown[])[] = [];
  for await (const one of listRejects(knownOf(world), batch, depsOf(world, inventory))) {
    const raws: unknown[] = [];
    for await (const row of one.read()) raws.push(row.raw);
    found.push([one.state, one.rows, raws, one.areGone()]);
  }
  return found;
};

const drops = () => {
  const world = { ...worldOf(dropsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 })), openCsvFile };
  const drop = async (name: string, xml: string, at: string, versionId = 'v1') => {
    const key = `landing/drops/${name}.xml`;
    world.streams.land({ bucket: 'bucket', key, versionId }, xml, Date.parse(at));
    return execute(world, landed(key, versionId));
  };
  return { world, drop };
};

describe('rejected rows', () => {
  it('are told with all that their file has, null and quotes too', async () => {
    const { world, drop } = drops();
    await drop('a', bad(pageXml(1, 3), 2).replace('no 2', 'a "2",\n'), '2026-11-20T08:00:00Z');
    const [batch] = sealedBatches(world);
    for await (const one of listRejects(knownOf(world), undefined, depsOf(world))) {
      expect(one).toMatchObject({ batch: batch?.batch, state: 'sealed', date: '2026/11/20', rows: 1 });
      const rows = [];
      for await (const row of one.read()) rows.push(row);
      expect(rows).toEqual([
        {
          table: 'ewm.items',
          row: '2',
          place: 's3://bucket/landing/drops/a.xml',
          line: '3',
          column: '10',
          path: 'id <- id',
          reason: '"a \\"2\\"," is not an integer',
          raw: 'a "2",\n',
        },
      ]);
    }
  });

  it('are told of the newest day first, of a day those that wait for a person before others', async () => {
    const { world, drop } = drops();
    await drop('a', bad(pageXml(1, 3), 1), '2026-11-18T08:00:00Z');
    await drop('fine', pageXml(1, 3), '2026-11-19T08:00:00Z');
    await drop('b', bad(pageXml(1, 3), 2), '2026-11-20T08:00:00Z');
    expect((await drop('c', bad(pageXml(3, 3), 3), '2026-11-20T08:00:01Z')).outcome).toBe('TooManyRejects');
    await drop('d', bad(pageXml(1, 3), 1), '2026-11-21T08:00:00Z');
    expect(await list(world)).toEqual([
      ['sealed', 1, ['no 1'], false],
      ['parked', 1, ['no 3'], false],
      ['sealed', 1, ['no 2'], false],
      ['sealed', 1, ['no 1'], false],
    ]);
  });

  it('of an earlier version are told as superseded once a newer one is loaded, behind all others', async () => {
    const { world, drop } = drops();
    await drop('a', bad(pageXml(1, 3), 1), '2026-11-18T08:00:00Z');
    await drop('c', bad(pageXml(3, 3), 3), '2026-11-20T08:00:00Z');
    await drop('d', bad(pageXml(3, 3), 3), '2026-11-20T08:00:00Z');
    await drop('c', pageXml(1, 3), '2026-11-21T08:00:00Z', 'v2');
    const version = (versionId: string, at: string) => ({ versionId, lastModifiedMs: Date.parse(at) });
    const older = [version('v1', '2026-11-20T08:00:00Z')];
    const inventory = memoryInventory(
      new Map([['landing/drops/c.xml', { ...version('v2', '2026-11-21T08:00:00Z'), older }]]),
    );
    const states = async (batch?: string) =>
      (await list(world, batch, inventory)).map(([state, rows]) => [state, rows]);
    expect(await states()).toEqual([
      ['parked', 1],
      ['parked', 1],
      ['sealed', 1],
    ]);
    await world.records.remove(`pending/drops/${landedBatch('landing/drops/c.xml', 'v2')}`);
    expect(await states()).toEqual([
      ['parked', 1],
      ['sealed', 1],
      ['superseded', 1],
    ]);
    expect(await states(landedBatch('landing/drops/c.xml', 'v1'))).toEqual([['superseded', 1]]);
  });

  it('are told of one batch alone, sealed or not, and of one without any', async () => {
    const { world, drop } = drops();
    await drop('a', bad(pageXml(1, 3), 1), '2026-11-18T08:00:00Z');
    await drop('fine', pageXml(1, 3), '2026-11-19T08:00:00Z');
    await drop('c', bad(pageXml(3, 3), 3), '2026-11-20T08:00:00Z');
    const names = sealedBatches(world).map(({ batch }) => batch);
    const [parked = ''] = [...world.records.entries.keys()].filter((key) => key.startsWith('parked/'));
    expect(await list(world, names[0])).toEqual([['sealed', 1, ['no 1'], false]]);
    expect(await list(world, names[1])).toEqual([['sealed', 0, [], false]]);
    expect(await list(world, /f-[0-9a-f]+/.exec(parked)?.[0])).toEqual([['parked', 1, ['no 3'], false]]);
    expect(await list(world, 'f-none')).toEqual([]);
  });

  it('of a window that was refused are those of its last reading, once', async () => {
    const source = pagedSource({
      pages: 2,
      rowsPerPage: 1,
      onOpen: (page) => bad(pageXml(page, page), page),
    });
    const world = { ...worldOf(itemsFeed(), source), openCsvFile };
    for (let n = 0; n < 3; n += 1) expect((await execute(world, schedule())).outcome).toBe('TooManyRejects');
    expect(await list(world)).toEqual([['refused', 1, ['no 1'], false]]);
  });

  it('of the windows before the refused one are told, too', async () => {
    let isBad = false;
    const source = pagedSource({
      pages: 1,
      rowsPerPage: 3,
      onOpen: () => (isBad ? bad(pageXml(1, 1), 1) : bad(pageXml(1, 3), 2)),
    });
    const world = { ...worldOf(itemsFeed(), source), openCsvFile };
    await executeToEnd(world, schedule('2026-11-03T00:00:00.000Z'));
    isBad = true;
    await execute(world, schedule('2026-11-04T00:00:00.000Z'));
    const found = await list(world);
    expect(found.at(-1)).toEqual(['sealed', 1, ['no 2'], false]);
  });

  it('whose file was removed are told as gone', async () => {
    const { world, drop } = drops();
    await drop('a', bad(pageXml(1, 3), 1), '2026-11-18T08:00:00Z');
    for (const key of world.streams.objects.keys())
      if (key.includes('/_rejects/')) world.streams.objects.delete(key);
    expect(await list(world)).toEqual([['sealed', 1, [], true]]);
  });
});
