import { describe, expect, it, onTestFinished } from 'vitest';
import { newHttpSessions } from '../../../handlers/adapters/http-sessions.ts';
import { httpSource } from '../../../handlers/adapters/http-source.ts';
import { newTransports } from '../../../handlers/adapters/http-transport.ts';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { startJazz } from '../../../infra/local/jazz/server.ts';
import { EmptyBatch, TooManyRejects } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { fixedSecrets } from '../../fakes/fixed-secrets.ts';
import { hastyClock } from '../../fakes/manual-clock.ts';
import {
  execute,
  executeToEnd,
  feedOf,
  keysUnder,
  rowsOf,
  schedule,
  sealedBatches,
  worldOf,
} from './world.ts';

/** Documents that say what is gone, from the feed file to sealed part files. */

const GONE = 'ewm.items$deleted';

const feedWith = ({ rows = '/r/item', gone = '/r/gone', more = '', http = '' } = {}): Feed =>
  feedOf(
    'items',
    `source: { http: { url: http://127.0.0.1:8080/r, params: { from: "\${window.from}" }, next: { url: /r/@next }${http} } }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
${more}
tables:
  ewm.items:
    rows: ${rows}
    disposition: merge
    key: [id]
    columns: { id: bigint, modified: timestamptz }
deletes:
  ewm.items: { rows: "${gone}", match: { id: id }, sequence: modified }
`,
  );

const timeOf = (minute: number): string => new Date(Date.UTC(2026, 10, 10, 0, minute)).toISOString();
const typed = (minute: number): string => timeOf(minute).replace('T', ' ').replace('.000Z', '+00');
const item = (id: number, minute = id): string =>
  `<item><id>${id}</id><modified>${timeOf(minute)}</modified></item>`;
const gone = (id: number | string, minute = Number(id)): string =>
  `<gone><id>${id}</id><modified>${timeOf(minute)}</modified></gone>`;

/** Pages of these elements; `opened` is what was asked for, by number. */
const pagesOf = (pages: readonly string[]) => {
  const opened: number[] = [];
  const source: Source & SourceClock = {
    open: async ({ url: asked }) => {
      const url = new URL(asked);
      const page = Number(url.searchParams.get('page') ?? '1');
      opened.push(page);
      const link = page < pages.length ? ` next="?page=${page + 1}"` : '';
      return {
        url: asked,
        header: () => undefined,
        charset: undefined,
        body: (async function* () {
          yield Buffer.from(`<r${link}>${pages[page - 1] ?? ''}</r>`);
        })(),
      };
    },
    readClock: async () => undefined,
  };
  return { ...source, opened };
};

const read = async (feed: Feed, ...pages: readonly string[]) => {
  const world = worldOf(feed, pagesOf(pages));
  const { outcome, error } = (await executeToEnd(world, schedule())).at(-1) ?? expect.unreachable();
  const [batch] = sealedBatches(world);
  const rows = (table: string) => rowsOf(world, batch?.tables[table]?.parts ?? []);
  return { world, outcome, error, batch, rows };
};

describe('a batch with tombstones', () => {
  it('has them in part files of their own, with key, sequence, batch and row', async () => {
    const { world, outcome, batch, rows } = await read(
      feedWith(),
      `${item(1)}${gone(2)}`,
      `${gone(1, 5)}${item(3)}${gone(4)}`,
    );
    expect(outcome).toBe('Done');
    expect(batch).toMatchObject({
      records: 5,
      warnings: [],
      tables: { 'ewm.items': { rows: 2 }, [GONE]: { rows: 3 } },
    });
    expect(rows('ewm.items').map(([id]) => id)).toEqual(['1', '3']);
    expect(rows(GONE)).toEqual([
      ['2', typed(2), batch?.batch, '1'],
      ['1', typed(5), batch?.batch, '2'],
      ['4', typed(4), batch?.batch, '3'],
    ]);
    expect(batch?.tables[GONE]?.parts.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^staged\/items\/w-[^/]+\/[^/]+\/ewm\.items-deleted\/00000-\d{5}\.csv\.zst$/),
    ]);
    expect(keysUnder(world, 'targets/')).toEqual(['targets/ewm.items.json']);
    const versionsOf = (prefix: string): unknown[] =>
      keysUnder(world, prefix).map((key) => JSON.parse(world.records.entries.get(key) ?? '').v);
    // A plan and a batch are of no use to a release that knows of no tombstones; the rest is.
    expect(['plans/', 'batches/', 'slices/', 'pending/'].map(versionsOf)).toEqual([[2], [2], [1], [1]]);
  });

  it('and nothing else is not empty, and has no warning', async () => {
    const { outcome, batch } = await read(feedWith({ more: 'onEmpty: fail' }), gone(1));
    expect(outcome).toBe('Done');
    expect(batch).toMatchObject({ records: 1, warnings: [], tables: { [GONE]: { rows: 1 } } });
  });

  it('of records that a predicate tells apart has no warning either', async () => {
    const feed = feedWith({ rows: '/r/item[not(@gone)]', gone: "/r/item[@gone='1']", more: 'onEmpty: fail' });
    const { batch } = await read(feed, item(1).replace('<item', '<item gone="1"'));
    expect(batch).toMatchObject({ records: 1, warnings: [], tables: { [GONE]: { rows: 1 } } });
  });

  it('in vain is not sealed when the records are misspelt', async () => {
    const { error, batch } = await read(feedWith({ rows: '/r/itme' }), `${item(1)}${gone(2)}`);
    expect(error).toBeInstanceOf(EmptyBatch);
    expect(String(error)).toContain('has no record by /r/itme, though it has /r/item');
    expect(batch).toBeUndefined();
  });

  it('keeps those that lie outside the window, and still tells when no record lies in it', async () => {
    const { batch } = await read(
      feedWith(),
      `${item(1).replace('2026-11', '2026-10')}<gone><id>9</id><modified>2020-01-01T00:00:00Z</modified></gone>`,
    );
    expect(batch).toMatchObject({
      records: 2,
      outside: 1,
      tables: { 'ewm.items': { rows: 0 }, [GONE]: { rows: 1 } },
    });
    expect(batch?.warnings).toEqual(['no record lies in the window by its modified: all 1 were dropped']);
  });
});

describe('a batch without tombstones', () => {
  it('has no warning, as most have none', async () => {
    const { batch } = await read(feedWith(), item(1));
    expect(batch).toMatchObject({ warnings: [], tables: { [GONE]: { rows: 0, parts: [] } } });
  });

  it('tells where they are misspelt', async () => {
    const { batch } = await read(feedWith({ gone: '/r/Gone' }), `${item(1)}${gone(2)}`);
    expect(batch?.warnings).toEqual([
      `table ${GONE}: rows /r/Gone matched nothing in the batch; the nearest there is /r/gone`,
    ]);
  });
});

describe('rejected tombstones', () => {
  it('fail a batch that kept none: what is gone would stay, and nothing else would say so', async () => {
    const { error, batch } = await read(feedWith(), `${item(1)}${gone('x', 2)}`);
    expect(error).toBeInstanceOf(TooManyRejects);
    expect(String(error)).toContain(`table ${GONE} with 1 reject and no row kept`);
    expect(batch).toBeUndefined();
  });

  it('are told beside those that are kept', async () => {
    const { batch } = await read(feedWith(), `${item(1)}${gone('x', 2)}${gone(3)}`);
    expect(batch).toMatchObject({ rejects: { rows: 1 }, tables: { [GONE]: { rows: 1 } } });
    expect(batch?.warnings).toEqual([
      expect.stringMatching(/^1 row was rejected; first: ewm\.items\$deleted at .*id <- id/),
    ]);
  });
});

describe('pages of tombstones', () => {
  it('are no end where a page without a record is', async () => {
    const feed = feedOf(
      'items',
      `source: { http: { url: http://127.0.0.1:8080/r, next: { page: page } } }
schedule: rate(15 minutes)
tables:
  ewm.items: { rows: /r/item, disposition: merge, key: [id], columns: { id: bigint } }
deletes:
  ewm.items: { rows: /r/gone, match: { id: id } }
`,
    );
    const { world, rows } = await read(feed, gone(1), item(2), '');
    expect(world.source.opened).toEqual([1, 2, 3]);
    expect([rows('ewm.items').length, rows(GONE)]).toEqual([1, [['1', 's-20261123T120000000Z', '1']]]);
  });

  it('hold up no reading of the newest first', async () => {
    const feed = feedWith();
    const { window = expect.unreachable() } = feed;
    const newestFirst = { ...feed, window: { ...window, stopWhenOlder: true as const } };
    const old = (html: string) => html.replaceAll('2026-11', '2026-10');
    const { world, batch } = await read(
      newestFirst,
      `${item(9)}${gone(8)}`,
      old(`${item(7)}${gone(6)}`),
      old(`${item(5)}${gone(4)}`),
    );
    expect(world.source.opened).toEqual([1, 2]);
    expect(batch).toMatchObject({ outside: 1, tables: { [GONE]: { rows: 2 } } });
  });
});

describe('an OAI-PMH harvest', () => {
  const feed = feedOf(
    'items',
    `source: { http: { url: http://127.0.0.1:8080/oai, params: { verb: ListRecords, from: "\${window.from}" } } }
schedule: rate(15 minutes)
namespaces: { default: "http://www.openarchives.org/OAI/2.0/" }
window: { cursor: stamp, start: 2026-11-01T00:00:00Z }
tables:
  ewm.items:
    rows: /OAI-PMH/ListRecords/record
    disposition: merge
    key: [id]
    columns: { id: varchar(99) <- header/identifier, stamp: timestamptz <- header/datestamp, title: varchar(99) <- metadata/*/title }
deletes:
  ewm.items: { rows: "/OAI-PMH/ListRecords/record/header[@status='deleted']", match: { id: identifier }, sequence: datestamp }
`,
  );
  const record = (id: string, status: string, metadata: string) =>
    `<record><header${status}><identifier>${id}</identifier><datestamp>2026-11-05T00:00:00Z</datestamp></header>${metadata}</record>`;

  it('has a tombstone for each deleted header, of the version that its empty record has', async () => {
    const source = pagesOf(['']);
    const body = `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>${[
      record(
        'a',
        '',
        '<metadata><dc xmlns="http://www.openarchives.org/OAI/2.0/"><title>A</title></dc></metadata>',
      ),
      record('b', ' status="deleted"', ''),
    ].join('')}</ListRecords></OAI-PMH>`;
    const world = worldOf(feed, {
      ...source,
      open: async (...asked: Parameters<Source['open']>) => ({
        ...(await source.open(...asked)),
        body: (async function* () {
          yield Buffer.from(body);
        })(),
      }),
    });
    expect((await execute(world, schedule())).outcome).toBe('Done');
    const [batch] = sealedBatches(world);
    expect(batch).toMatchObject({ records: 2, warnings: [], rejects: { rows: 0 } });
    expect(rowsOf(world, batch?.tables['ewm.items']?.parts ?? []).map((row) => row.slice(0, 3))).toEqual([
      ['a', '2026-11-05 00:00:00+00', 'A'],
      ['b', '2026-11-05 00:00:00+00', null],
    ]);
    expect(rowsOf(world, batch?.tables[GONE]?.parts ?? []).map((row) => row.slice(0, 2))).toEqual([
      ['b', '2026-11-05 00:00:00+00'],
    ]);
  });
});

describe('Jazz', () => {
  it('gives deleted work items by a partition of their own', async () => {
    const jazz = await startJazz({ seed: 11, items: 40 });
    onTestFinished(() => jazz.close());
    const feed = feedOf(
      'items',
      `source:
  http:
    url: ${jazz.url}/ccm/rpt/repository/workitem
    params: { fields: "workitem/\${partition.select}", size: 7 }
    next: { url: "/workitem[@rel='next']/@href" }
partitions:
  - { name: items, select: "workItem[modified>\${window.from} and modified<\${window.to}]/(itemId|modified)" }
  - { name: gone, select: "deletedWorkItem[modified>\${window.from} and modified<\${window.to}]/(itemId|modified)" }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2025-12-01T00:00:00Z, format: "yyyy-MM-dd'T'HH:mm:ss.SSSZ" }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: merge
    key: [item_id]
    columns: { item_id: varchar(64) <- itemId, modified: timestamptz }
deletes:
  ewm.items: { rows: /workitem/deletedWorkItem, match: { item_id: itemId }, sequence: modified }
`,
    );
    const clock = hastyClock(jazz.now());
    const redactor = newRedactor();
    const parts = { sessions: newHttpSessions(clock), transports: newTransports(), random: () => 0 };
    const source = httpSource({ secrets: fixedSecrets(), clock, redactor, ...parts });
    const world = worldOf(feed, { ...source, readClock: async () => undefined });
    const ended = await executeToEnd(world, schedule(new Date(jazz.now()).toISOString()));
    expect(ended.at(-1)).toMatchObject({ outcome: 'Done' });
    const [batch] = sealedBatches(world);
    expect(batch).toMatchObject({ records: 52, warnings: [], tables: { 'ewm.items': { rows: 40 } } });
    const found = rowsOf(world, batch?.tables[GONE]?.parts ?? []).map(([id]) => id);
    expect(found.sort()).toEqual(
      jazz
        .deletedWorkItems()
        .map(({ itemId }) => String(itemId))
        .sort(),
    );
    expect(found).toHaveLength(12);
  });
});
