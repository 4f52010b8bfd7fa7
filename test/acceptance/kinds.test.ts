import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentServer, serveDocuments } from './support/documents.ts';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { documentsOf, kindsOfFeeds, LENIENT } from './support/kinds.ts';
import { type ServedFolder, serveFolder } from './support/served-folder.ts';
import { nightlyFiles, soapLines, sourceDocuments, sourceFeeds, sourceRows } from './support/sources.ts';

/** Feeds of every kind in one folder, run three times while their sources change; sources of other people's making are read once. */

const LONG = 300_000;
let round = 1;
let folder: Folder;
let served: ServedFolder;
let server: DocumentServer;
const runs: (RunDocument & { readonly status: number | null })[] = [];
const TIMES = ['2026-03-04T00:00:00Z', '2026-03-06T00:00:00Z', '2026-03-06T00:00:00Z'];

beforeAll(async () => {
  folder = openFolder();
  served = serveFolder(folder);
  server = await serveDocuments({ ...documentsOf(() => round), ...sourceDocuments() });
  const kinds = Object.entries(kindsOfFeeds(server.origin));
  const sources = Object.entries(sourceFeeds(server.origin));
  for (const [name, text] of kinds) folder.write(`feeds/${name}.yaml`, `feed: ${name}${text}`);
  for (const [name, text] of sources) folder.write(`feeds/${name}.yaml`, text);
  const nights = Object.entries(nightlyFiles()).map(([name, content]) => folder.write(name, content));
  const files = nights.flatMap((path) => ['--file', `nightly=${path}`]);
  for (const at of TIMES) {
    const feeds = (round === 1 ? [...kinds, ...sources] : kinds).flatMap(([name]) => ['--feed', name]);
    runs.push(await served.run(['--at', at, ...feeds, ...(round === 1 ? files : [])]));
    round += 1;
  }
}, LONG);
afterAll(async () => {
  await served.close();
  await server.close();
  folder.remove();
});

describe('sources of other people', () => {
  it.each([
    ['dng', 'DOORS Next artifacts by namespaces, whatever their prefixes, each page held to its count'],
    ['oai', 'an OAI-PMH harvest by resumption tokens, with deleted headers'],
    ['odata', 'an OData service by $skiptoken, its nulls and times without an offset'],
    ['dump', 'a dump of attributes alone'],
    ['soap', 'a SOAP service that is asked by POST with the cursor in the body'],
    ['nightly', 'nightly files, compressed, the later one before the earlier'],
  ])('are loaded as a DOM reads them: %s, %s', async (name) => {
    const expected = sourceRows()[name] ?? [];
    const columns = Object.keys(expected[0] ?? {});
    expect(await served.query(`SELECT ${columns.join(', ')} FROM sources.${name} ORDER BY 1`)).toEqual(
      expected,
    );
    expect(runs[0]?.feeds[name]).toMatchObject({ rejects: 0, warnings: [] });
  });

  it('give the lines of the newest version of a SOAP order alone', async () => {
    expect(
      await served.query('SELECT no, line, sku, quantity FROM sources.soap_lines ORDER BY 1, 2'),
    ).toEqual(soapLines());
  });
});

describe('runs of feeds of every kind', () => {
  it('end well, all of them', () => {
    expect(runs.map(({ status, ok, failures }) => ({ status, ok, failures }))).toEqual(
      TIMES.map(() => ({ status: 0, ok: true, failures: [] })),
    );
  });

  it('do nothing a second time as of the same time', () => {
    for (const [feed, report] of Object.entries(runs[2]?.feeds ?? {})) {
      expect(report, feed).toMatchObject({ batches: 0, records: 0, bytes: 0, warnings: [] });
    }
  });

  it('append every row, or with a key every new key', async () => {
    expect(await served.query('SELECT no, text FROM kinds.plain_log ORDER BY text, no')).toEqual([
      { no: '1', text: 'said 1 in 1' },
      { no: '2', text: 'said 2 in 1' },
      { no: '2', text: 'said 2 in 2' },
      { no: '3', text: 'said 3 in 2' },
    ]);
    expect(await served.query('SELECT no, text FROM kinds.keyed_log ORDER BY no')).toEqual([
      { no: '1', text: 'said 1 in 1' },
      { no: '2', text: 'said 2 in 1' },
      { no: '3', text: 'said 3 in 2' },
    ]);
    expect(runs[1]?.feeds.keyed_log?.tables).toEqual({
      'kinds.keyed_log': { rows: 3, staged: 2, inserted: 1, updated: 0, deleted: 0 },
    });
  });

  it('replace a snapshot as a whole', async () => {
    expect(await served.query('SELECT currency, rate FROM kinds.snapshot ORDER BY 1')).toEqual([
      { currency: 'EUR', rate: '1.0000' },
      { currency: 'JPY', rate: '168.2000' },
    ]);
    expect(runs[1]?.feeds.snapshot?.tables).toEqual({
      'kinds.snapshot': { rows: 2, staged: 2, inserted: 2, updated: 0, deleted: 2 },
    });
  });

  it('leave alone what its server says is the same, and say since when', async () => {
    expect(runs[0]?.feeds.steady).toMatchObject({ batches: 1, records: 1 });
    const since = 's-20260304T000000000Z';
    expect(runs[1]?.feeds.steady).toMatchObject({ batches: 0, records: 0, unchangedSince: since });
    expect(runs[2]?.feeds.steady).not.toHaveProperty('unchangedSince');
    expect(await served.query('SELECT currency FROM kinds.steady')).toEqual([{ currency: 'EUR' }]);
    expect(server.asked.filter((one) => one === '/steady')).toHaveLength(2);
  });

  it('read Atom by namespaces, whatever its prefixes, page after page', async () => {
    expect(
      await served.query(
        'SELECT id, updated, title, alternate, rank, authors, feed_title FROM kinds.atom ORDER BY id',
      ),
    ).toEqual(
      [1, 2, 3].map((page) => ({
        id: `urn:${page}`,
        updated: `2026-02-0${page} 00:02:03.45+00`,
        title: `Entry & <b> ${page}`,
        alternate: `/alt?${page}&b=1`,
        rank: `${page}.50`,
        authors: '["Ada","Grace \\"G\\""]',
        feed_title: 'All 𝔊',
      })),
    );
  });

  it('replace the children of a newer version as a set, and keep an older version out', async () => {
    expect(await served.query('SELECT order_id, placed FROM kinds.orders ORDER BY 1')).toEqual([
      { order_id: 1, placed: '2026-03-02 00:00:00' },
      { order_id: 2, placed: '2026-03-01 00:00:00' },
    ]);
    expect(await served.query('SELECT order_id, line, sku FROM kinds.lines ORDER BY 1, 2')).toEqual([
      { order_id: 1, line: 1, sku: 'sku-0' },
      { order_id: 2, line: 1, sku: 'sku-0' },
    ]);
    expect(
      await served.query('SELECT order_id, line, n, serial FROM kinds.serials ORDER BY 1, 2, 3'),
    ).toEqual([
      { order_id: 1, line: 1, n: 1, serial: 'd' },
      { order_id: 2, line: 1, n: 1, serial: 'c' },
    ]);
  });

  it('ask each partition for each step of a window, in the format of the feed', async () => {
    const asked = server.asked.filter((one) => one.startsWith('/parts/')).sort();
    expect(asked).toEqual([
      '/parts/n?day=2026-03-01&to=2026-03-03&of=north',
      '/parts/n?day=2026-03-03&to=2026-03-04&of=north',
      '/parts/n?day=2026-03-04&to=2026-03-06&of=north',
      '/parts/s?day=2026-03-01&to=2026-03-03&of=south',
      '/parts/s?day=2026-03-03&to=2026-03-04&of=south',
      '/parts/s?day=2026-03-04&to=2026-03-06&of=south',
    ]);
    expect(await served.query('SELECT id, seen FROM kinds.parts ORDER BY 1')).toEqual(
      ['north', 'south'].flatMap((of) =>
        ['2026-03-01', '2026-03-03', '2026-03-04'].map((day) => ({
          id: `${of} ${day}`,
          seen: `${day} 12:00:00+00`,
        })),
      ),
    );
  });

  it('keep rows of the window alone, read the lookback again, and write epoch times', async () => {
    const from = (time: string): string => `/ticks?after=${Date.parse(time)}`;
    expect(server.asked.filter((one) => one.startsWith('/ticks'))).toEqual([
      from('2026-02-28T23:00:00Z'),
      from('2026-03-03T23:00:00Z'),
    ]);
    expect(await served.query('SELECT at, v FROM kinds.ticks ORDER BY 1')).toEqual([
      { at: '2026-03-01 06:00:00+00', v: 0 },
      { at: '2026-03-02 06:00:00+00', v: 1 },
      { at: '2026-03-03 06:00:00+00', v: 2 },
      { at: '2026-03-04 06:00:00+00', v: 0 },
      { at: '2026-03-05 06:00:00+00', v: 1 },
    ]);
  });

  it('ask for the partitions first, and for each at its own link', async () => {
    const asked = server.asked.filter((one) => /^\/(rooms|things)/.test(one));
    expect([asked[0], ...asked.slice(1, 3).sort()]).toEqual(['/rooms', '/things?room=a', '/things?room=b b']);
    expect(asked).toHaveLength(6);
    expect(await served.query('SELECT id FROM kinds.listed ORDER BY 1')).toEqual([
      { id: 'in a' },
      { id: 'in b b' },
    ]);
  });

  it('read the newest first up to a page before the window', async () => {
    expect(server.asked.filter((one) => one.startsWith('/news'))).toEqual([
      ...['/news', '/news?page=2', '/news?page=3', '/news?page=4'],
      ...['/news', '/news?page=2'],
    ]);
    expect(await served.query('SELECT at FROM kinds.newest ORDER BY 1')).toEqual(
      [1, 2, 3, 4, 5].map((day) => ({ at: `2026-03-0${day} 06:00:00+00` })),
    );
  });

  it('count rejects and bytes, and name a column whose path matched nothing', () => {
    expect(runs[0]?.feeds.lenient).toEqual({
      batches: 1,
      records: 3,
      rejects: 1,
      bytes: Buffer.byteLength(LENIENT),
      warnings: [
        expect.stringMatching(
          /^1 row was rejected; first: kinds\.lenient at http.* line 1 .*n <- n: .*not an integer/,
        ),
        'column kinds.lenient.missing: path not/there matched nothing in the batch',
      ],
      tables: { 'kinds.lenient': { rows: 2, staged: 2, inserted: 2, updated: 0, deleted: 0 } },
    });
  });
});
