import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentServer, serveDocuments } from './support/documents.ts';
import { type Folder, openFolder } from './support/folder.ts';

/** A key, a type and a parent's column that change: the command makes the tables anew, and every row is the server's. */

const LONG = 400_000;
const feedOf = (origin: string, key: string, nameType = 'varchar(20)'): string => `feed: items
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
    key: ${key}
    columns:
      id: bigint
      part: varchar(20)
      at: timestamptz
      name: ${nameType}
  shop.lines:
    parent: { ${key === '[id]' ? 'item_id: id' : 'item_id: id, item_part: part'} }
    rows: line
    columns: { n: { ordinal: true }, text: { path: ., type: varchar(20) } }
`;

interface Item {
  readonly id: number;
  readonly part: string;
  readonly at: string;
  readonly name: string;
}

/** Two items of one id and two parts a day, one after the other. */
const items: Item[] = Array.from({ length: 20 }, (_, n) => ({
  id: Math.floor(n / 2) + 1,
  part: n % 2 === 0 ? 'a' : 'b',
  at: `2026-01-${String(11 + Math.floor(n / 2)).padStart(2, '0')}T${n % 2 === 0 ? '08' : '12'}:00:00Z`,
  name: String(100 + n),
}));

const answer = ({ searchParams }: URL): string => {
  const [from = '', to = ''] = ['from', 'to'].map((name) => searchParams.get(name) ?? '');
  const xml = items.flatMap(({ id, part, at, name }) =>
    at >= from && at < to
      ? [
          `<item><id>${id}</id><part>${part}</part><at>${at}</at><name>${name}</name><line>${name} x</line><line>y</line></item>`,
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
  readonly items: readonly unknown[];
  readonly lines: number;
}
const steps = new Map<string, Step>();

type Worked = { status: number | null; out?: string; err?: string; failures?: readonly unknown[] };

const step = async (name: string, work: () => Promise<Worked>) => {
  const { status, out = '', err = '', failures = [] } = await work();
  const rows = await folder.query('SELECT id, part, name FROM shop.items ORDER BY id, part');
  const [{ n }] = (await folder.query('SELECT COUNT(*) AS n FROM shop.lines')) as [{ n: number }];
  steps.set(name, { status, out: `${out}${err}${JSON.stringify(failures)}`, items: rows, lines: n });
};
const at = (name: string): Step => steps.get(name) ?? expect.unreachable(name);
let old: readonly unknown[] = [];
let ledger: readonly unknown[] = [];

beforeAll(async () => {
  folder = openFolder();
  server = await serveDocuments({ items: ({ url }) => answer(url) });
  folder.write('feeds/items.yaml', feedOf(server.origin, '[id]'));
  await step('live', () => folder.run(['--at', '2026-01-20T00:00:00Z']));
  folder.write('feeds/items.yaml', feedOf(server.origin, '[id, part]', 'bigint'));
  await step('refused', () => folder.run(['--at', '2026-01-21T00:00:00Z']));
  await step('diff', () => folder.millrace(['diff']));
  await step('unsure', () => folder.millrace(['rebuild', 'shop.items']));
  await step('rebuilt', () => folder.millrace(['rebuild', 'shop.items', '--yes']));
  old = await folder.query('SELECT COUNT(*) AS n FROM shop."items$old"');
  ledger = await folder.query('SELECT DISTINCT target FROM millrace.ledger ORDER BY target');
  await step('live again', () => folder.run(['--at', '2026-01-21T00:00:00Z']));
}, LONG);
afterAll(async () => {
  await server.close();
  folder.remove();
});

const rowsUntil = (end: string) =>
  items.filter((item) => item.at < end).map(({ id, part, name }) => ({ id, part, name: Number(name) }));

describe('a table whose key and type change', () => {
  it('is refused by run and diff with the command that makes it anew', () => {
    expect(at('live').status).toBe(0);
    expect(at('live').items).toHaveLength(9);
    expect(at('refused').status).toBe(1);
    expect(at('refused').items).toEqual(at('live').items);
    for (const name of ['refused', 'diff']) expect(at(name).out).toContain('npx millrace rebuild shop.items');
  });

  it('is told with what a rebuild does, and begun by a yes alone', () => {
    expect(at('unsure').out).toContain('shop.items  9 rows today, which stay as shop.items$old');
    expect(at('unsure').out).toContain('from 2026-01-11T00:00:00.000Z to 2026-01-20T00:00:00.000Z');
    expect(at('unsure').out).toContain('add --yes');
    expect(at('unsure').items).toEqual(at('live').items);
  });

  it('has all rows of its source by the new rules, and those of before beside them', () => {
    expect(at('rebuilt').out).toContain('rebuilt shop.items: 9 rows before, 18 now');
    expect(at('rebuilt').status).toBe(0);
    expect(at('rebuilt').items).toEqual(rowsUntil('2026-01-20'));
    expect(at('rebuilt').lines).toBe(36);
    expect(old).toEqual([{ n: 9 }]);
    expect(ledger).toEqual([
      { target: 'shop.items' },
      { target: 'shop.items$rebuilt' },
      { target: 'shop.lines' },
    ]);
  });

  it('goes on where its windows ended', () => {
    expect(at('live again').status).toBe(0);
    expect(at('live again').items).toEqual(rowsUntil('2026-01-21'));
    expect(at('live again').lines).toBe(40);
  });
});
