import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentServer, serveDocuments } from './support/documents.ts';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { type ServedFolder, serveFolder } from './support/served-folder.ts';

/** A small server that forgets items and tells nobody: a listing of its keys finds what is gone, run after run as a user has them. */

const LONG = 400_000;
const feedOf = (mode: string, origin: string): string => `feed: items_${mode}
source:
  http:
    url: ${origin}/items
    params: { from: "\${window.from}", size: 20 }
    next: { url: /items/@next }
    total: { path: /items/@count, of: all }
schedule: rate(15 minutes)
window: { cursor: at, start: 2026-01-01T00:00:00Z }
tables:
  shop.items_${mode}:
    rows: /items/item
    disposition: merge
    key: [id]
    columns: { id: bigint, at: timestamptz, name: varchar(20) }
  shop.lines_${mode}:
    parent: { item_id: id }
    rows: line
    columns: { n: { ordinal: true }, text: { path: ., type: varchar(20) } }
deletes:
  shop.items_${mode}:
    mode: ${mode}
    compareKeys: { schedule: cron(0 3 ? * SUN *), params: { from: null, only: id }, atMost: [3, 10%] }
`;

/** Ids that the server has, and of each when it was changed; how many it says there are, where it lies. */
const changed = new Map(Array.from({ length: 50 }, (_, at) => [at + 1, '2026-01-10T00:00:00Z']));
let claims: number | undefined;

const answer = ({ searchParams }: URL): string => {
  const from = searchParams.get('from') ?? '';
  const isListing = searchParams.get('only') === 'id';
  const page = Number(searchParams.get('page') ?? '0');
  const size = Number(searchParams.get('size'));
  const all = [...changed].filter(([, at]) => isListing || at >= from);
  const items = all.slice(page * size, (page + 1) * size).map(([id, at]) => {
    const rest = isListing ? '' : `<at>${at}</at><name>n${id}</name><line>x</line><line>y</line>`;
    return `<item><id>${id}</id>${rest}</item>`;
  });
  searchParams.set('page', String(page + 1));
  const next = (page + 1) * size < all.length ? ` next="?${searchParams}"`.replaceAll('&', '&amp;') : '';
  return `<items count="${claims ?? all.length}"${next}>${items.join('')}</items>`;
};

let folder: Folder;
let served: ServedFolder;
let server: DocumentServer;
type Run = RunDocument & { readonly status: number | null };
const runs = new Map<string, Run>();
const lists = new Map<string, readonly unknown[]>();
const QUERY =
  "SELECT id, TO_CHAR(_deleted_at, 'YYYY') AS deleted FROM shop.items_mark WHERE _deleted_at IS NOT NULL ORDER BY id";

const round = async (name: string, day: number, ...more: readonly string[]): Promise<void> => {
  runs.set(name, await served.run(['--at', `2026-03-0${day}T00:00:00Z`, ...more]));
  const tables = await served.query(
    'SELECT (SELECT COUNT(*) FROM shop.items_delete) AS items, (SELECT COUNT(*) FROM shop.lines_delete) AS lines, (SELECT COUNT(*) FROM shop.items_mark) AS kept',
  );
  lists.set(name, [tables[0], await served.query(QUERY)]);
};

beforeAll(async () => {
  folder = openFolder();
  served = serveFolder(folder);
  server = await serveDocuments({ items: ({ url }) => answer(url) });
  for (const mode of ['delete', 'mark'])
    folder.write(`feeds/items_${mode}.yaml`, feedOf(mode, server.origin));
  await round('loaded', 1);
  for (const id of [7, 8]) changed.delete(id);
  await round('run alone', 2);
  await round('compared', 3, '--compare');
  for (let id = 21; id <= 30; id += 1) changed.delete(id);
  await round('too many', 4, '--compare');
  claims = 99;
  await round('cut short', 5, '--compare');
  claims = undefined;
  for (let id = 22; id <= 30; id += 1) changed.set(id, '2026-03-04T12:00:00Z');
  await round('compared again', 6, '--compare');
}, LONG);
afterAll(async () => {
  await served.close();
  await server.close();
  folder.remove();
});

const marked = (...ids: readonly number[]) =>
  ids.map((id) => ({ id, deleted: new Date().toISOString().slice(0, 4) }));

describe('items that are gone at a source that does not say so', () => {
  it('stay while nothing compares, as a run does not unless it is told to', () => {
    const all = [{ items: 50, lines: 100, kept: 50 }, []];
    expect([lists.get('loaded'), lists.get('run alone')]).toEqual([all, all]);
    expect(server.asked.filter((path) => path.includes('only=id'))[0]).toBe('/items?size=20&only=id');
  });

  it('go with their lines, or are marked, by a comparison', () => {
    expect(runs.get('compared')).toMatchObject({ status: 0, ok: true, failures: [] });
    expect(lists.get('compared')).toEqual([{ items: 48, lines: 96, kept: 50 }, marked(7, 8)]);
    expect(runs.get('compared')?.feeds.items_delete).toMatchObject({
      batches: 2,
      warnings: [],
      tables: {
        'shop.items_delete': { rows: 48, deleted: 2 },
        'shop.lines_delete': { rows: 96, deleted: 4 },
      },
    });
    expect(runs.get('compared')?.feeds.items_mark?.tables['shop.items_mark']).toMatchObject({
      rows: 50,
      deleted: 2,
    });
  });

  it('are left where they are more than the feed allows: the batch is parked, and says both numbers', () => {
    const { ok, status, ...run } = runs.get('too many') ?? expect.unreachable();
    expect([ok, status]).toEqual([false, 1]);
    // In the order in which they came: the loads of two feeds end side by side.
    const failures = (run.failures ?? []).toSorted((a, b) => (a.feed < b.feed ? -1 : 1));
    expect(lists.get('too many')).toEqual(lists.get('compared'));
    expect(failures.map(({ feed, batch, error }) => [feed, batch, error])).toEqual(
      ['delete', 'mark'].map((mode) => [`items_${mode}`, 'k-20260304T000000000Z', 'TooManyDeleted']),
    );
    expect(failures[0]?.message).toContain(
      'would delete 10 of 48 rows of shop.items_delete, allowed 3 or 10%: nothing was deleted; see whether the listing has all keys',
    );
  });

  it('are left where the listing is cut short', () => {
    const failures = runs.get('cut short')?.failures ?? [];
    expect(lists.get('cut short')).toEqual(lists.get('compared'));
    expect(failures.map(({ error }) => error)).toContain('DocumentMismatch');
  });

  it('go by the next comparison, which takes the place of the parked one, and those that came again stay', () => {
    const run = runs.get('compared again');
    expect(run).toMatchObject({ status: 0, ok: true, failures: [] });
    expect(lists.get('compared again')).toEqual([{ items: 47, lines: 94, kept: 50 }, marked(7, 8, 21)]);
    expect(run?.feeds.items_delete?.warnings).toEqual([
      'parked batch k-20260304T000000000Z is superseded: a later comparison is loaded',
    ]);
  });
});
