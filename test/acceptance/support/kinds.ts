import type { Answer } from './documents.ts';

/** Feeds of every kind, and what their sources hold in each round. */

const entries = (round: number, ...ids: readonly string[]): string =>
  `<log>${ids.map((id) => `<entry no="${id}"><text>said ${id} in ${round}</text></entry>`).join('')}</log>`;

const atomPage = (page: number): string => `<?xml version="1.0" encoding="utf-8"?>
<a:feed xmlns:a="http://www.w3.org/2005/Atom" xmlns:x="http://example.com/extra">
  <a:title>All &#x1D50A;</a:title>
  <a:entry x:rank="${page}.50"><a:id>urn:${page}</a:id><a:updated>2026-02-0${page}T01:02:03.450+0100</a:updated>
    <a:link rel="self" href="/self"/><a:link rel="alternate" href="/alt?${page}&amp;b=1"/>
    <title xmlns="http://www.w3.org/2005/Atom">Entry <![CDATA[& <b>]]> ${page}</title>
    <a:author><a:name>Ada</a:name></a:author><a:author><a:name>Grace "G"</a:name></a:author></a:entry>
  ${page < 3 ? `<a:link rel="next" href="atom?page=${page + 1}"/>` : ''}
</a:feed>`;

const order = (id: number, placed: string, lines: readonly (readonly string[])[]): string =>
  `<o:order id="${id}"><o:placed>${placed}</o:placed>${lines
    .map(
      (serials, i) =>
        `<o:line sku="sku-${i}">${serials.map((s) => `<o:serial>${s}</o:serial>`).join('')}</o:line>`,
    )
    .join('')}</o:order>`;
const orders = (...all: readonly string[]): string =>
  `<o:orders xmlns:o="urn:shop">${all.join('')}</o:orders>`;

/** The feed files without their name, by it. */
export const kindsOfFeeds = (origin: string): Readonly<Record<string, string>> => ({
  plain_log: `
source: { http: { url: "${origin}/log" } }
tables:
  kinds.plain_log:
    rows: /log/entry
    disposition: append
    columns: { no: varchar(8) <- @no, text: varchar(40) }
`,
  keyed_log: `
source: { http: { url: "${origin}/log" } }
schedule: rate(1 day)
tables:
  kinds.keyed_log:
    rows: /log/entry
    disposition: append
    key: [no]
    columns: { no: varchar(8) <- @no, text: varchar(40) }
`,
  snapshot: `
source: { http: { url: "${origin}/snapshot" } }
schedule: cron(0 3 * * ? *)
tables:
  kinds.snapshot:
    rows: /rates/rate
    disposition: replace
    columns: { currency: char(3) <- @c, rate: "decimal(10,4) <- ." }
`,
  steady: `
source: { http: { url: "${origin}/steady" } }
schedule: cron(0 3 * * ? *)
tables:
  kinds.steady: { rows: /rates/rate, disposition: replace, columns: { currency: char(3) <- @c } }
`,
  atom: `
source: { http: { url: "${origin}/atom", next: { url: "/feed/link[@rel='next']/@href" } } }
namespaces: { default: "http://www.w3.org/2005/Atom", extra: "http://example.com/extra" }
tables:
  kinds.atom:
    rows: /feed/entry
    disposition: merge
    key: [id]
    sequence: [updated]
    columns:
      id: varchar(40)
      updated: timestamptz
      title: varchar(60)
      alternate: varchar(60) <- link[@rel='alternate']/@href
      rank: decimal(6,2) <- @extra:rank
      authors: { path: author/name, type: super, many: json }
      feed_title: varchar(20) <- /feed/title
`,
  orders: `
source: { http: { url: "${origin}/orders" } }
schedule: rate(1 hour)
namespaces: { shop: "urn:shop" }
tables:
  kinds.orders:
    rows: /shop:orders/shop:order
    disposition: merge
    key: [order_id]
    sequence: [placed]
    columns: { order_id: bigint <- @id, placed: timestamp <- shop:placed }
  kinds.lines:
    rows: /shop:orders/shop:order/shop:line
    key: [order_id, line]
    columns:
      order_id: bigint <- ../@id
      line: { ordinal: true }
      sku: varchar(32) <- @sku
  kinds.serials:
    parent: { order_id: order_id, line: line }
    rows: shop:serial
    columns: { n: { ordinal: true }, serial: varchar(64) <- text() }
`,
  parts: `
source: { http: { url: "${origin}/parts/\${partition.region}", params: { day: "\${window.from}", to: "\${window.to}", of: "\${partition}" } } }
partitions:
  - { name: north, region: n }
  - { name: south, region: s }
schedule: rate(1 day)
window: { cursor: seen, start: 2026-03-01T00:00:00Z, step: 2d, format: date }
tables:
  kinds.parts:
    rows: /parts/part
    disposition: merge
    key: [id]
    columns: { id: varchar(40), seen: timestamptz }
`,
  ticks: `
source: { http: { url: "${origin}/ticks", params: { after: "\${window.from}" } } }
schedule: rate(1 day)
window: { cursor: at, start: 2026-03-01T00:00:00Z, lookback: 1h, format: epoch-millis }
tables:
  kinds.ticks:
    rows: /ticks/tick
    disposition: append
    key: [at]
    columns: { at: { path: "@at", type: timestamptz, format: epoch-millis }, v: integer <- @v }
`,
  listed: `
source: { http: { url: "\${partition.uri}", limits: { concurrency: 2, requestsPerSecond: 20 } } }
partitions:
  http: { url: "${origin}/rooms" }
  rows: /rooms/room
  values: { name: "@id", uri: "@href" }
tables:
  kinds.listed:
    rows: /things/thing
    disposition: merge
    key: [id]
    columns: { id: "varchar(20) <- @id" }
`,
  newest: `
source: { http: { url: "${origin}/news", next: { url: "/news/@next" } } }
schedule: rate(1 day)
window: { cursor: at, start: 2026-03-01T00:00:00Z, stopWhenOlder: true }
tables:
  kinds.newest:
    rows: /news/item
    disposition: append
    columns: { at: "timestamptz <- @at" }
`,
  lenient: `
source: { http: { url: "${origin}/lenient" } }
tables:
  kinds.lenient:
    rows: /list/item
    disposition: replace
    columns: { n: integer, missing: varchar(8) <- not/there }
`,
});

export const LENIENT = '<list><item><n>1</n></item><item><n>one</n></item><item><n> 3 </n></item></list>';

const DAY = 86_400_000;
const partsOf = ({ url }: { readonly url: URL }): string => {
  const from = url.searchParams.get('day') ?? '';
  const of = url.searchParams.get('of') ?? '';
  return `<parts><part><id>${of} ${from}</id><seen>${from}T12:00:00Z</seen></part></parts>`;
};
const ticksOf = ({ url }: { readonly url: URL }): string => {
  const after = Number(url.searchParams.get('after'));
  const all = [0, 1, 2, 3, 4].map((day) => Date.parse('2026-03-01T06:00:00Z') + day * DAY);
  return `<ticks>${all
    .filter((at) => at >= after)
    .map((at, i) => `<tick at="${at}" v="${i}"/>`)
    .join('')}</ticks>`;
};

/** One item a day at six, the newest first, two a page. */
const newsOf = ({ url }: { readonly url: URL }): string => {
  const page = Number(url.searchParams.get('page') ?? '1');
  const newest = Date.parse('2026-03-05T06:00:00Z');
  const items = [2 * page - 2, 2 * page - 1].map((back) => new Date(newest - back * DAY).toISOString());
  const next = page < 5 ? ` next="?page=${page + 1}"` : '';
  return `<news${next}>${items.map((at) => `<item at="${at}"/>`).join('')}</news>`;
};

/** The sources' documents; `round` counts the runs, from 1. */
export const documentsOf = (round: () => number): Readonly<Record<string, Answer>> => {
  const inRound =
    (...documents: readonly [string, string, string]) =>
    (): string =>
      documents[round() - 1] ?? '';
  return {
    log: inRound(entries(1, '1', '2'), entries(2, '2', '3'), entries(3, '9')),
    snapshot: inRound(
      '<rates><rate c="EUR">1</rate><rate c="USD">1.08125</rate></rates>'.replace('25<', '<'),
      '<rates><rate c="EUR">+01.00</rate><rate c="JPY">168.2</rate></rates>',
      '<rates/>',
    ),
    atom: ({ url }) => atomPage(Number(url.searchParams.get('page') ?? '1')),
    orders: inRound(
      orders(order(1, '2026-03-01T00:00:00', [['a', 'b'], []]), order(2, '2026-03-01T00:00:00', [['c']])),
      orders(
        order(1, '2026-03-02T00:00:00', [['d']]),
        order(2, '2026-02-01T00:00:00', [['stale'], ['stale']]),
      ),
      orders(),
    ),
    'parts/n': partsOf,
    'parts/s': partsOf,
    ticks: ticksOf,
    news: newsOf,
    rooms: () =>
      '<rooms><room id="a" href="things?room=a"/><room id="b b" href="/things?room=b%20b"/></rooms>',
    things: ({ url }) => `<things><thing id="in ${url.searchParams.get('room')}"/></things>`,
    lenient: () => LENIENT,
    steady: () => ({ etag: 'W/"1"', text: '<rates><rate c="EUR"/></rates>' }),
  };
};
