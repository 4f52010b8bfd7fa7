import type { KeyPath } from './yaml-source.ts';

/** How a map or a list of a feed file is written: a message that allows one shows it. By key path; `*` is any name. */
const EXAMPLES: Readonly<Record<string, string>> = {
  source: '{ http: { url: "https://shop.example.com/items" } }',
  'source.http': '{ url: "https://shop.example.com/items" }',
  'source.http.params': '{ size: 500 }',
  'source.http.headers': '{ Accept: application/xml }',
  'source.http.next': '{ url: /items/@next }',
  'source.http.responses': '[{ status: 404, then: empty }]',
  'source.s3': '{ suffixes: [.xml, .xml.gz] }',
  'source.s3.suffixes': '[.xml, .xml.gz]',
  partitions: '[{ name: open }, { name: closed }]',
  window: '{ cursor: changed, start: 2020-01-01T00:00:00Z }',
  namespaces: '{ m: "http://example.com/meta" }',
  tables: '{ shop.items: { rows: /items/item, disposition: append, columns: { id: bigint } } }',
  'tables.*': '{ rows: /items/item, disposition: append, columns: { id: bigint } }',
  'tables.*.parent': '{ item_id: id }',
  'tables.*.key': '[id]',
  'tables.*.sequence': '[changed]',
  'tables.*.ignore': '[note]',
  'tables.*.sort': '[changed]',
  'tables.*.columns': '{ id: bigint <- @id }',
  'tables.*.columns.*.replace': '{ "N/A": null }',
  deletes: '{ shop.items: { rows: /items/gone, match: { id: "@id" } } }',
  'deletes.*': '{ rows: /items/gone, match: { id: "@id" } }',
  'deletes.*.match': '{ id: "@id" }',
  'deletes.*.compareKeys': '{ schedule: rate(1 day) }',
  rejects: '{ atMost: [10, 1%] }',
  'rejects.atMost': '[10, 1%]',
  grants: '{ select: [group readers] }',
  'grants.select': '[group readers]',
  load: '{ every: 5m }',
  alerts: '{ staleAfter: 1h }',
};

/** The example of a key, where it has one. */
export const exampleOf = (path: KeyPath): string | undefined => {
  const key = Object.keys(EXAMPLES).find((pattern) => {
    const names = pattern.split('.');
    return names.length === path.length && names.every((name, at) => name === '*' || name === path[at]);
  });
  return key === undefined ? undefined : EXAMPLES[key];
};

/** Each key path that has an example, with `*` for a name. */
export const EXAMPLE_PATHS: readonly string[] = Object.keys(EXAMPLES);
