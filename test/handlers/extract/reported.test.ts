import { describe, expect, it } from 'vitest';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { openPlainCsvFile } from '../../fakes/plain-csv-file.ts';
import {
  execute,
  feedOf,
  itemsFeed,
  NOW,
  numbers,
  rowsOf,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

/** What users of other loaders report as lost, and lost in silence: each is kept here, or told. */

const DAY_LATER = '2026-11-24T12:00:00.000Z';

/** One page of such records, as they are. */
const sending = (records: () => string) =>
  pagedSource({
    pages: 1,
    rowsPerPage: 1,
    onOpen: () => `<workitem Version="1.0.0">${records()}</workitem>`,
  });

const record = (id: number, modified: string, inside = ''): string =>
  `<workItem><id>${id}</id>${modified === '' ? '<modified/>' : `<modified>${modified}</modified>`}${inside}</workItem>`;

const mapped = (columns: string, extra = ''): ReturnType<typeof feedOf> =>
  feedOf(
    'items',
    `source: { http: { url: "http://127.0.0.1:8080/workitem" } }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: merge
    key: [id]
    columns: { id: bigint, ${columns} }
${extra}`,
  );

const itemRows = (world: ReturnType<typeof worldOf>, table = 'ewm.items') =>
  sealedBatches(world).flatMap((batch) => rowsOf(world, batch.tables[table]?.parts ?? []));

describe('no row is lost', () => {
  it('with a part file that is full: the table goes on in another, and the seal names each', async () => {
    const world = worldOf(itemsFeed(), pagedSource({ pages: 3, rowsPerPage: 4 }));
    // As large as a file may be after every second row.
    const openCsvFile: typeof openPlainCsvFile = (options) => {
      const file = openPlainCsvFile(options);
      return Object.defineProperty(file, 'bytes', { get: () => file.rows * 128 * 2 ** 20 });
    };
    expect(await execute({ ...world, openCsvFile }, schedule())).toMatchObject({ outcome: 'Done' });
    const [batch = expect.unreachable()] = sealedBatches(world);
    for (const table of ['ewm.items', 'ewm.comments']) {
      const { parts = [], rows } = batch.tables[table] ?? expect.unreachable();
      expect(parts.map((part) => part.rows)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(rows).toBe(12);
      expect(sealedIds(world, table)).toEqual(numbers(12));
    }
    const staged = [...world.streams.objects.keys()].filter((key) => key.startsWith('staged/'));
    const named = Object.values(batch.tables).flatMap(({ parts }) => parts.map(({ key }) => key));
    expect(staged.toSorted()).toEqual(named.toSorted());
  });

  it('by slices that write at once: no file has the name of another', async () => {
    const feed = itemsFeed(
      'partitions: [{ name: a }, { name: b }, { name: c }]\n',
      'http://127.0.0.1:8080/${partition}',
    );
    const put: string[] = [];
    const world = worldOf(feed, pagedSource({ pages: 2, rowsPerPage: 3 }));
    const streams = {
      ...world.streams,
      upload: (...args: Parameters<typeof world.streams.upload>) => {
        put.push(args[0]);
        return world.streams.upload(...args);
      },
    };
    expect(await execute({ ...world, streams }, schedule())).toMatchObject({ outcome: 'Done' });
    expect(new Set(put).size).toBe(put.length);
    expect(sealedIds(world).toSorted((a, b) => a - b)).toEqual(numbers(6).flatMap((id) => [id, id, id]));
  });

  it('that was committed late at the source: the lookback reads it, and tells of one before that', async () => {
    const late: string[] = [];
    const source = sending(() => [record(1, '2026-11-23T11:00:00Z'), ...late].join(''));
    const feed = itemsFeed();
    const window = { ...(feed.window ?? expect.unreachable()), lookbackMs: 600_000 };
    const world = worldOf({ ...feed, window }, source);
    expect(await execute(world, schedule(NOW))).toMatchObject({ outcome: 'Done' });
    late.push(record(2, '2026-11-23T11:55:00Z'), record(3, '2026-11-23T11:45:00Z'));
    expect(await execute(world, schedule(DAY_LATER))).toMatchObject({ outcome: 'Done' });
    expect(sealedIds(world)).toEqual([1, 2]);
    expect(sealedBatches(world).map(({ records, outside }) => [records, outside])).toEqual([
      [1, 0],
      [3, 2],
    ]);
  });

  it('without a cursor: it is a reject with its place, and the others are kept', async () => {
    const records = record(1, '2026-11-23T11:00:00Z') + record(2, '') + record(3, '2026-11-23T11:00:00Z');
    const world = worldOf(
      itemsFeed(),
      sending(() => records),
    );
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(sealedIds(world)).toEqual([1, 3]);
    const [{ rejects, warnings } = expect.unreachable()] = sealedBatches(world);
    expect(rejects.rows).toBe(1);
    expect(warnings[0]).toMatch(/^1 row was rejected; first: ewm\.items at http.* modified <- modified: /);
  });

  it('to an execution that failed: the next one begins where that one did', async () => {
    const source = pagedSource({ pages: 1, rowsPerPage: 2 });
    const world = worldOf(itemsFeed(), source);
    const asked: string[] = [];
    const watched = (isDown: boolean) => ({
      ...world,
      source: {
        ...source,
        open: (...args: Parameters<typeof source.open>) => {
          asked.push(new URL(args[0].url).searchParams.get('from') ?? '');
          if (isDown) throw new ServiceUnavailable('down');
          return source.open(...args);
        },
      },
    });
    await execute(watched(false), schedule(NOW));
    expect((await execute(watched(true), schedule('2026-11-23T12:15:00.000Z'))).outcome).toBe(
      'ServiceUnavailable',
    );
    await execute(watched(false), schedule('2026-11-23T12:30:00.000Z'));
    expect(asked).toEqual(['2026-11-01T00:00:00Z', '2026-11-23T12:00:00Z', '2026-11-23T12:00:00Z']);
  });

  it('to a store that throttles, whichever of its calls it is', async () => {
    /** Throttles the n-th call. */
    const throttling = (records: RecordStore, n: number) => {
      const seen = { calls: 0 };
      const call =
        <A extends readonly unknown[], R>(of: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          seen.calls += 1;
          if (seen.calls === n) throw new ServiceUnavailable('503 SlowDown');
          return of(...args);
        };
      const { read, putIfAbsent, remove, list } = records;
      const store = {
        read: call(read),
        putIfAbsent: call(putIfAbsent),
        remove: call(remove),
        list: call(list),
      };
      return { store, seen };
    };
    const open = () => worldOf(itemsFeed(), pagedSource({ pages: 2, rowsPerPage: 2 }));
    const whole = open();
    const counted = throttling(whole.records, 0);
    await execute({ ...whole, records: counted.store }, schedule());
    expect(counted.seen.calls).toBeGreaterThan(10);
    for (const n of numbers(counted.seen.calls)) {
      const world = open();
      await execute({ ...world, records: throttling(world.records, n).store }, schedule());
      world.clock.advance(600_000);
      expect((await execute(world, schedule())).outcome, `call ${n}`).toMatch(/^(Done|Idle: caught up)/);
      expect(sealedIds(world), `call ${n}`).toEqual(numbers(4));
    }
  });
});

describe('no value is lost', () => {
  const long = (bytes: number): string => `${'é'.repeat(Math.floor(bytes / 2))}${'x'.repeat(bytes % 2)}`;
  const texts = [long(65_535), long(65_536)];
  const records = texts
    .map((text, n) => `<workItem><id>${n + 1}</id><text>${text}</text></workItem>`)
    .join('');

  it('that is over 65,535 bytes without a word: its row is a reject, and the longest that fits is whole', async () => {
    const world = worldOf(
      mapped('text: varchar(max)'),
      sending(() => records),
    );
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(itemRows(world).map(([id, text]) => [id, text])).toEqual([['1', texts[0]]]);
    expect(sealedBatches(world)[0]?.warnings[0]).toMatch(
      /^1 row was rejected; .*text <- text: .*65536 bytes/,
    );
  });

  it('that is over 65,535 bytes where the column cuts it: all that fits, to the last whole character', async () => {
    const world = worldOf(
      mapped('text: { type: varchar(max), truncate: true }'),
      sending(() => records),
    );
    await execute(world, schedule());
    expect(itemRows(world).map(([, text]) => Buffer.byteLength(text ?? ''))).toEqual([65_535, 65_534]);
    expect(itemRows(world)[1]?.[1]).toBe(long(65_534));
  });

  it('that stands once around all records: each row of each page has its own page’s', async () => {
    const source = pagedSource({ pages: 2, rowsPerPage: 2 });
    const pages = `next: { url: "/workitem[@rel='next']/@href" }`;
    const feed = feedOf(
      'items',
      `source: { http: { url: "http://127.0.0.1:8080/workitem", ${pages} } }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: append
    columns: { id: bigint, version: varchar(8) <- /workitem/@Version, link: varchar(99) <- /workitem/@href }
`,
    );
    const world = worldOf(feed, source);
    await execute(world, schedule());
    const link = 'http://127.0.0.1:8080/workitem?pos=1';
    expect(itemRows(world).map((row) => row.slice(0, 3))).toEqual([
      ['1', '1.0.0', link],
      ['2', '1.0.0', link],
      ['3', '1.0.0', null],
      ['4', '1.0.0', null],
    ]);
  });

  it('of an attribute of a child that repeats, once or often', async () => {
    const child = `
  ewm.tags:
    parent: { item: id }
    rows: tag
    columns: { n: { ordinal: true }, kind: varchar(8) <- @kind, text: varchar(8) <- text() }
`;
    const xml = (id: number, tags: string) => `<workItem><id>${id}</id><name/>${tags}</workItem>`;
    const world = worldOf(
      mapped('name: varchar(8)', child),
      sending(
        () =>
          xml(1, '<tag kind="a"/>') + xml(2, '<tag kind="b">x</tag><tag kind="c"/>') + xml(3, '<tag>y</tag>'),
      ),
    );
    await execute(world, schedule());
    expect(itemRows(world, 'ewm.tags').map((row) => row.slice(0, 4))).toEqual([
      ['1', '1', 'a', null],
      ['2', '1', 'b', 'x'],
      ['2', '2', 'c', null],
      ['3', '1', null, 'y'],
    ]);
  });
});
