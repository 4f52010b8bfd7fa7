import type { Warehouse } from '../../../../handlers/ports/warehouse.ts';
import type { ObjectsServer } from '../../../infra/local/redshift/objects-server.ts';
import { feedOf } from '../../extract/world.ts';
import { deployIn } from './deployment.ts';

/** Items of two parts, the feeds that read them by one key or another, and what the tables have then by an independent model. */

interface Opened {
  readonly warehouse: Warehouse;
  readonly s3: ObjectsServer;
}

const DAY = 86_400_000;
export const START = Date.parse('2026-01-01T00:00:00Z');
export const day = (n: number): string => new Date(START + n * DAY).toISOString();

export interface Item {
  readonly id: number;
  readonly part: string;
  readonly at: string;
  readonly name: string;
}
export const items: readonly Item[] = Array.from({ length: 12 }, (_, n) => ({
  id: n % 4,
  part: n % 2 === 0 ? 'a' : 'b',
  at: day(n + 0.5),
  name: `n${n}`,
}));
export const toXml = (some: readonly Item[]): string =>
  `<items>${some.map(({ id, part, at, name }) => `<item><id>${id}</id><part>${part}</part><at>${at}</at><name>${name}</name><line>${name} x</line><line>y</line></item>`).join('')}</items>`;
export const answerOf = (all: readonly Item[], { searchParams }: URL): string => {
  const [from = '', to = ''] = ['from', 'to'].map((name) => searchParams.get(name) ?? '');
  return toXml(all.filter(({ at }) => (from === '' || at >= from) && (to === '' || at < to)));
};

/** What waits for something. */
export const openKeys = (entries: ReadonlyMap<string, string>): readonly string[] =>
  [...entries.keys()].filter((key) => /^(pending|parked|rebuilds|failures)\//.test(key));

const SOURCE = `source:
  http:
    url: http://127.0.0.1:8080/items
    params: { from: "\${window.from}", to: "\${window.to}" }
schedule: rate(15 minutes)
window: { cursor: at, start: 2026-01-01T00:00:00Z, step: 2d }`;

export const FILES = 'source: { s3: { suffixes: [.xml] } }';
export const WHOLE = 'source: { http: { url: "http://127.0.0.1:8080/items" } }\nschedule: rate(1 day)';

export const itemsFeed = (
  schema: string,
  key: string,
  { name = 'varchar(20)', source = SOURCE, disposition = 'merge' } = {},
) =>
  feedOf(
    schema,
    `${source}
tables:
  ${schema}.items:
    rows: /items/item
    disposition: ${disposition}
    key: ${key}
    columns:
      id: bigint
      part: varchar(20)
      at: timestamptz
      name: ${name}
  ${schema}.lines:
    parent: { ${key.slice(1, -1).replaceAll(/\w+/g, 'item_$&: $&')} }
    rows: line
    columns: { n: { ordinal: true }, text: { path: ., type: varchar(20) } }
`,
  );

/** The newest of each key, as `id part name`. */
export const newest = (some: readonly Item[], keyOf: (item: Item) => string): readonly string[] => {
  const rows = new Map(some.toSorted((a, b) => (a.at < b.at ? -1 : 1)).map((item) => [keyOf(item), item]));
  return [...rows.values()].map(({ id, part, name }) => `${id} ${part} ${name}`).sort();
};
export const byPart = ({ id, part }: Item): string => `${id} ${part}`;
export const until = (end: string): readonly Item[] => items.filter(({ at }) => at < end);

/** Deployments on one warehouse, each with a schema of its own. */
export const rebuildingIn = (opened: () => Opened) => {
  let schemas = 0;
  return (answer = (url: URL): string => answerOf(items, url)) => {
    schemas += 1;
    const schema = `r${schemas}`;
    const deployment = deployIn({ ...opened(), nowMs: START + 6 * DAY + schemas * 1000, answer });
    const rows = async (): Promise<readonly string[]> =>
      (await deployment.query(`SELECT id, part, name FROM ${schema}.items`))
        .map((row) => row.join(' '))
        .sort();
    const count = async (table: string): Promise<number> =>
      Number((await deployment.query(`SELECT COUNT(*) FROM ${table}`))[0]?.[0]);
    return { schema, deployment, rows, count };
  };
};
