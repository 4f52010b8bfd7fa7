import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { type ServedFolder, serveFolder } from './support/served-folder.ts';

/** Versions of prices by their cursor, and of stock by snapshots, run after run as a user has them. */

const LONG = 300_000;
const FEEDS: Readonly<Record<string, string>> = {
  prices: `feed: prices
source: { s3: {} }
tables:
  shop.prices:
    rows: /prices/price
    disposition: history
    key: [sku]
    sequence: [changed]
    columns: { sku: varchar(9) <- @sku, changed: date <- @on, amount: "decimal(9,2)" }
`,
  stock: `feed: stock
source: { s3: {} }
tables:
  shop.stock:
    rows: /stock/item
    disposition: history
    key: [sku]
    ignore: [read_on, file]
    columns:
      sku: varchar(9) <- @sku
      on_hand: integer
      read_on: date <- @on
      file: { value: "\${file.name}", type: varchar(40) }
      tags: { path: tag, type: super, many: json }
`,
};

const price = (sku: string, day: number, amount: string): string =>
  `<price sku="${sku}" on="2026-01-0${day}"><amount>${amount}</amount></price>`;
const item = (sku: string, day: number, onHand: number, ...tags: readonly string[]): string =>
  `<item sku="${sku}" on="2026-01-0${day}"><on_hand>${onHand}</on_hand>${tags.map((tag) => `<tag>${tag}</tag>`).join('')}</item>`;

const FILES: readonly (readonly [feed: string, document: string])[] = [
  ['prices', `<prices>${price('a', 1, '1.00') + price('a', 5, '5.00') + price('b', 2, '2.00')}</prices>`],
  // One comes late, one again, and one again with another amount.
  ['prices', `<prices>${price('a', 3, '3.00') + price('a', 5, '5.00') + price('b', 2, '2.50')}</prices>`],
  ['stock', `<stock>${item('a', 1, 10, 'new') + item('b', 1, 20)}</stock>`],
  // The day and the file are others; of b the tags are, too, and c is new.
  ['stock', `<stock>${item('a', 2, 10, 'new') + item('b', 2, 20, 'low') + item('c', 2, 5)}</stock>`],
];

let folder: Folder;
let served: ServedFolder;
const runs: RunDocument[] = [];

beforeAll(async () => {
  folder = openFolder();
  served = serveFolder(folder);
  for (const [name, text] of Object.entries(FEEDS)) folder.write(`feeds/${name}.yaml`, text);
  for (const [n, [feed, document]] of FILES.entries()) {
    folder.write(`${n}.xml`, document);
    runs.push(await served.run(['--file', `${feed}=${n}.xml`]));
  }
}, LONG);
afterAll(async () => {
  await served.close();
  folder.remove();
});

const query = (sql: string) => served.query(sql);

describe('history', () => {
  it('puts a version that comes late between those that are there, and writes over one that comes again', async () => {
    expect(runs.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(
      await query(
        "SELECT sku, amount, TO_CHAR(_valid_from, 'MM-DD') AS since, TO_CHAR(_valid_to, 'MM-DD') AS until, _is_current AS now FROM shop.prices ORDER BY sku, changed",
      ),
    ).toMatchObject([
      { sku: 'a', since: '01-01', until: '01-03', now: false },
      { sku: 'a', since: '01-03', until: '01-05', now: false },
      { sku: 'a', since: '01-05', until: null, now: true },
      { sku: 'b', since: '01-02', until: null, now: true },
    ]);
    expect(await query("SELECT amount FROM shop.prices WHERE sku = 'b'")).toEqual([{ amount: '2.50' }]);
    expect(runs[1]?.feeds.prices?.tables['shop.prices']).toMatchObject({
      rows: 4,
      staged: 3,
      inserted: 1,
      updated: 1,
    });
  });

  it('makes a version of a snapshot where a column has changed that is not ignored', async () => {
    expect(
      await query(
        'SELECT sku, on_hand, JSON_SERIALIZE(tags) AS tags, file, _is_current AS now, _valid_to IS NULL AS open FROM shop.stock ORDER BY sku, _valid_from',
      ),
    ).toEqual([
      { sku: 'a', on_hand: 10, tags: '["new"]', file: '2.xml', now: true, open: true },
      { sku: 'b', on_hand: 20, tags: null, file: '2.xml', now: false, open: false },
      { sku: 'b', on_hand: 20, tags: '["low"]', file: '3.xml', now: true, open: true },
      { sku: 'c', on_hand: 5, tags: null, file: '3.xml', now: true, open: true },
    ]);
    const [b] = await query(
      "SELECT COUNT(*) AS n FROM shop.stock x JOIN shop.stock y ON x._valid_to = y._valid_from AND x.sku = y.sku WHERE x.sku = 'b'",
    );
    expect(b).toEqual({ n: 1 });
    expect(runs[3]?.feeds.stock?.tables['shop.stock']).toMatchObject({
      rows: 4,
      staged: 3,
      inserted: 2,
      updated: 0,
    });
  });
});
