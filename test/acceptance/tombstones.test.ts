import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { type ServedFolder, serveFolder } from './support/served-folder.ts';

/** Items that are gone at the source, by files that arrive in the wrong order, run after run as a user has them. */

const LONG = 300_000;
const feedOf = (mode: string): string => `feed: items_${mode}
source: { s3: {} }
tables:
  shop.items_${mode}:
    rows: /items/item
    disposition: merge
    key: [id]
    sequence: [at]
    columns: { id: bigint, at: timestamptz, name: varchar(20) }
  shop.lines_${mode}:
    parent: { item_id: id }
    rows: line
    columns: { n: { ordinal: true }, text: { path: ., type: varchar(20) } }
deletes:
  shop.items_${mode}: { rows: /items/gone, match: { id: "@ref" }, sequence: "@at", mode: ${mode} }
`;

const item = (id: number, day: number, name: string, ...lines: readonly string[]): string =>
  `<item><id>${id}</id><at>2026-01-0${day}T00:00:00Z</at><name>${name}</name>${lines.map((line) => `<line>${line}</line>`).join('')}</item>`;
const gone = (id: number, day: number): string => `<gone ref="${id}" at="2026-01-0${day}T00:00:00Z"/>`;

const FILES: Readonly<Record<string, string>> = {
  'all.xml': item(1, 1, 'a', 'x', 'y') + item(2, 1, 'b', 'z') + item(4, 1, 'd'),
  'gone.xml': gone(1, 2) + gone(3, 5) + gone(4, 2),
  // 3 is older than its tombstone, 4 was made again after its own, 2 is as it was.
  'late.xml': item(3, 4, 'c') + item(2, 1, 'b', 'z') + item(4, 3, 'd again', 'w'),
};

let folder: Folder;
let served: ServedFolder;
const runs: RunDocument[] = [];

beforeAll(async () => {
  folder = openFolder();
  served = serveFolder(folder);
  for (const mode of ['delete', 'mark']) folder.write(`feeds/items_${mode}.yaml`, feedOf(mode));
  for (const [name, elements] of Object.entries(FILES)) {
    folder.write(name, `<items>${elements}</items>`);
    runs.push(await served.run(['delete', 'mark'].flatMap((mode) => ['--file', `items_${mode}=${name}`])));
  }
}, LONG);
afterAll(async () => {
  await served.close();
  folder.remove();
});

const query = (sql: string) => served.query(sql);

describe('tombstones', () => {
  it('delete what is older than they are, with its children, and let what is newer be', async () => {
    expect(runs.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(await query('SELECT id, name FROM shop.items_delete ORDER BY id')).toEqual([
      { id: 2, name: 'b' },
      { id: 4, name: 'd again' },
    ]);
    expect(await query('SELECT item_id, text FROM shop.lines_delete ORDER BY item_id')).toEqual([
      { item_id: 2, text: 'z' },
      { item_id: 4, text: 'w' },
    ]);
  });

  it('mark rows with their time, and take the mark from one that was made again', async () => {
    const sql =
      "SELECT id, name, TO_CHAR(_deleted_at, 'YYYY-MM-DD') AS deleted FROM shop.items_mark ORDER BY id";
    expect(await query(sql)).toEqual([
      { id: 1, name: 'a', deleted: '2026-01-02' },
      { id: 2, name: 'b', deleted: null },
      { id: 3, name: 'c', deleted: '2026-01-05' },
      { id: 4, name: 'd again', deleted: null },
    ]);
    expect(await query('SELECT COUNT(*) AS n FROM shop.lines_mark')).toEqual([{ n: 4 }]);
  });

  it('are counted by run', () => {
    expect(runs[1]?.feeds.items_delete?.tables).toMatchObject({
      'shop.items_delete': { rows: 1, deleted: 2 },
      'shop.lines_delete': { rows: 1, deleted: 2 },
    });
    expect(runs[1]?.feeds.items_mark?.tables).toMatchObject({ 'shop.items_mark': { rows: 3, deleted: 2 } });
  });
});
