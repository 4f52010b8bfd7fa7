import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentServer, serveDocuments } from './support/documents.ts';
import { type Folder, openFolder } from './support/folder.ts';

/** A window that began too late, and a mapping that was wrong: ranges are read again by the command, and every row is the server's. */

const LONG = 400_000;
const feedOf = (origin: string, path: string): string => `feed: items
source:
  http:
    url: ${origin}/items
    params: { from: "\${window.from}", to: "\${window.to}" }
schedule: rate(15 minutes)
window: { cursor: at, start: 2026-01-11T00:00:00Z, step: 2d }
tables:
  shop.items:
    rows: /items/item
    disposition: merge
    key: [id]
    columns:
      id: bigint
      at: timestamptz
      name: varchar(20) <- ${path}
  shop.lines:
    parent: { item_id: id }
    rows: line
    columns: { n: { ordinal: true }, text: { path: ., type: varchar(20) } }
`;

interface Item {
  readonly at: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/** One item a day from the first of January on. */
const items = new Map<number, Item>(
  Array.from({ length: 20 }, (_, n) => [
    n + 1,
    { at: `2026-01-${String(n + 1).padStart(2, '0')}T12:00:00Z`, name: `n${n + 1}`, lines: ['x', 'y'] },
  ]),
);
let asked = 0;
/** What is older than that the server refuses. */
let refusedBefore = '';

const answer = ({ searchParams }: URL): string | number => {
  asked += 1;
  const [from = '', to = ''] = ['from', 'to'].map((name) => searchParams.get(name) ?? '');
  if (from < refusedBefore) return 403;
  const xml = [...items].flatMap(([id, { at, name, lines }]) =>
    at >= from && at < to
      ? [
          `<item><id>${id}</id><at>${at}</at><name>${name}</name><title>t ${name}</title>${lines.map((text) => `<line>${text}</line>`).join('')}</item>`,
        ]
      : [],
  );
  return `<items>${xml.join('')}</items>`;
};

let folder: Folder;
let server: DocumentServer;
interface Step {
  readonly status: number | null;
  readonly out: string;
  readonly asked: number;
  readonly items: readonly unknown[];
  readonly lines: readonly unknown[];
}
const steps = new Map<string, Step>();

const step = async (name: string, work: () => Promise<{ status: number | null; out?: string }>) => {
  const before = asked;
  const { status, out = '' } = await work();
  const rows = await folder.query('SELECT id, name FROM shop.items ORDER BY id');
  const lines = await folder.query('SELECT item_id, n, text FROM shop.lines ORDER BY item_id, n');
  steps.set(name, { status, out, asked: asked - before, items: rows, lines });
};
const at = (name: string): Step => steps.get(name) ?? expect.unreachable(name);

const EARLY = ['backfill', 'items', '--from', '2026-01-01T00:00:00Z', '--to', '2026-01-11T00:00:00Z'];

const LATE = ['backfill', 'items', '--from', '2025-12-31T00:00:00Z', '--to', '2026-01-01T00:00:00Z'];

beforeAll(async () => {
  folder = openFolder();
  server = await serveDocuments({ items: ({ url }) => answer(url) });
  folder.write('feeds/items.yaml', feedOf(server.origin, 'name'));
  await step('live', () => folder.run(['--at', '2026-01-21T00:00:00Z']));
  items.set(3, { at: '2026-01-03T13:00:00Z', name: 'changed', lines: ['z'] });
  await step('early', () => folder.millrace(EARLY));
  await step('twice', () => folder.millrace(EARLY));
  folder.write('feeds/items.yaml', feedOf(server.origin, 'title'));
  await step('mended', () => folder.millrace([...EARLY, '--again']));
  items.set(0, { at: '2025-12-31T12:00:00Z', name: 'n0', lines: [] });
  refusedBefore = '2026-01-01';
  await step('refused', () => folder.millrace(LATE));
  refusedBefore = '';
  items.set(21, { at: '2026-01-21T12:00:00Z', name: 'n21', lines: [] });
  await step('live again', () => folder.run(['--at', '2026-01-22T00:00:00Z']));
}, LONG);
afterAll(async () => {
  await server.close();
  folder.remove();
});

const itemsFrom = (first: number, toName: (item: Item, id: number) => string) =>
  [...items].flatMap(([id, item]) => (id >= first && id <= 20 ? [{ id, name: toName(item, id) }] : []));
const linesFrom = (first: number) =>
  [...items].flatMap(([id, { lines }]) =>
    id >= first ? lines.map((text, n) => ({ item_id: id, n: n + 1, text })) : [],
  );

describe('a range that is read beside the live feed', () => {
  it('brings what the window began too late for, and nothing else', () => {
    expect(at('live')).toMatchObject({ status: 0, items: itemsFrom(11, ({ name }) => name) });
    expect(at('early').out).toMatch(
      /^reads items from 2026-01-01T00:00:00.000Z to 2026-01-11T00:00:00.000Z again, as batches of request [0-9a-f]{12}\n1 batch: 10 records, 29 rows, 0 rejects\nfeed items is ok; rows as of 2026-01-21T00:00:00.000Z, 0 batches pending\n$/,
    );
    expect(at('early')).toMatchObject({ status: 0, items: itemsFrom(1, ({ name }) => name) });
    expect(at('early').lines).toEqual(linesFrom(1));
  });

  it('is read once, however often it is asked for', () => {
    const { status, out, asked: requests, items: rows } = at('twice');
    expect([status, requests]).toEqual([0, 0]);
    expect(out).toContain(
      'once more: npx millrace backfill items --from 2026-01-01T00:00:00.000Z --to 2026-01-11T00:00:00.000Z --again',
    );
    expect(rows).toEqual(at('early').items);
  });

  it('is read once more after the mapping was mended, and leaves what lies outside it', () => {
    const mended = itemsFrom(1, ({ name }, id) => (id < 11 ? `t ${name}` : name));
    expect(at('mended')).toMatchObject({ status: 0, items: mended });
    expect(at('mended').lines).toEqual(linesFrom(1));
  });

  it('that failed is told with the command that asks for it, and goes on by the next run', () => {
    const { status, out } = at('refused');
    expect(status).toBe(1);
    expect(out).toContain(
      'then npx millrace backfill items --from 2025-12-31T00:00:00.000Z --to 2026-01-01T00:00:00.000Z\n',
    );
    expect(at('refused').items).toEqual(at('mended').items);
    expect(at('live again').items).toContainEqual({ id: 0, name: 't n0' });
  });

  it('moves no window: the next run reads on where the last one ended', () => {
    expect(at('live again').status).toBe(0);
    const [first, last] = [
      { id: 0, name: 't n0' },
      { id: 21, name: 't n21' },
    ];
    expect(at('live again').items).toEqual([first, ...at('mended').items, last]);
    const [{ asked: forWindow }] = [at('live again')];
    expect(forWindow).toBeLessThanOrEqual(3); // the source's clock, one window, and the range that was refused before
  });
});
