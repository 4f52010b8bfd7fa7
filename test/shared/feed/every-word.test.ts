import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { feedDocument } from '../../../shared/feed/document/feed.ts';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';
import { CONNECTIONS } from './sample.ts';

/** Every key and word of the format does something of its own, or is refused: none is read and then forgotten. */

interface Json {
  readonly [key: string]: unknown;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The paths of a schema's innermost keys, `*` for a name of one's own, and of its words, as `path=word`. */
const pathsOf = (schema: unknown, path = ''): readonly string[] => {
  if (!isObject(schema)) return [];
  const { properties, additionalProperties, anyOf, oneOf, enum: several, const: one } = schema;
  const words = typeof one === 'string' ? [one] : several;
  const keys = {
    ...(isObject(properties) && properties),
    ...(isObject(additionalProperties) && { '*': additionalProperties }),
  };
  const below = Object.entries(keys).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const found = pathsOf(inner, at);
    return key === '*' || found.length > 0 ? found : [at];
  });
  const others = [anyOf, oneOf].flat().flatMap((branch: unknown) => pathsOf(branch, path));
  return [...below, ...others, ...(Array.isArray(words) ? words.map((word) => `${path}=${word}`) : [])];
};

const PATHS = [...new Set(pathsOf(z.toJSONSchema(feedDocument, { io: 'input', target: 'draft-7' })))];

/** Maps put over each other, key by key; undefined takes a key away. */
const over = (below: unknown, above: unknown): unknown => {
  if (!isObject(below) || !isObject(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) merged[key] = over(below[key], value);
  return merged;
};

/** A value at a path: `*` is the one table, and its one column. */
const at = (path: string, value: unknown): unknown =>
  path.split('.').reduceRight<unknown>((inner, key, index) => {
    const name = key === '*' ? (index === 1 ? 'a.b' : 'c') : key;
    return { [name]: inner };
  }, value);

const column = (keys: Json) => at('tables.*.columns.*', keys);

const BASE = {
  feed: 'f',
  source: { http: { url: 'https://a.example/x' } },
  tables: {
    // Its place is before that of its child, where a test fills it.
    'a.a': undefined,
    'a.b': {
      rows: '/r/x',
      disposition: 'append',
      columns: { k: 'bigint', d: 'timestamptz', e: 'timestamptz', c: { type: 'varchar(9)' } },
    },
  },
};
const CONNECTED = { source: { http: { connection: 'jazz', url: undefined, path: '/y' } } };
const WINDOW = over(at('tables.*', { disposition: 'merge', key: ['k'] }), {
  window: { cursor: 'd', start: '2020-01-01T00:00:00Z', step: '1d' },
  source: { http: { params: { q: '${window.from} ${window.to}' } } },
});
const CHILD = {
  tables: {
    'a.a': { rows: '/r', disposition: 'merge', key: ['k'], columns: { k: 'bigint' } },
    'a.b': { rows: 'x', disposition: undefined, columns: { k: undefined } },
  },
};
const LISTED = {
  partitions: { http: { url: 'https://a.example/p' }, rows: '/p/q', values: { name: 'n' } },
};

const CONNECTED_LISTED = over(
  over(LISTED, { partitions: { http: { url: undefined, path: '/p' } } }),
  CONNECTED,
);

/** What has to stand beside the keys and words whose path begins so, the longest of them. */
const BESIDE: Readonly<Record<string, unknown>> = {
  '': {},
  'source.http.connection': { source: { http: { url: undefined, path: '/y' } } },
  'source.http.path': CONNECTED,
  'source.http.url': { source: { http: { url: 'https://b.example/' } } },
  'source.http.auth': at('source.http.auth', { kind: 'basic', secret: 's' }),
  'source.http.auth.kind=none': {},
  'source.http.auth.kind=header': at('source.http.auth', { secret: 's', name: 'X-Key' }),
  'source.http.auth.kind=oauth2': at('source.http.auth', { secret: 's', tokenUrl: 'https://a.example/t' }),
  'source.http.auth.name': at('source.http.auth', { kind: 'header', secret: 's' }),
  'source.http.auth.tokenUrl': at('source.http.auth', { kind: 'oauth2', secret: 's' }),
  'source.http.auth.scope': at('source.http.auth', {
    kind: 'oauth2',
    secret: 's',
    tokenUrl: 'https://a.example/t',
  }),
  'source.http.method=POST': at('source.http.body', 'x'),
  'source.http.body': at('source.http.method', 'POST'),
  'source.http.auth.secret': at('source.http.auth', { kind: 'basic' }),
  'source.http.next': at('source.http.next', {}),
  'source.http.next.token': at('source.http.next', { param: 'p' }),
  'source.http.next.param': at('source.http.next', { token: '/r/t' }),
  'source.http.next.keep': at('source.http.next', { token: '/r/t', param: 'p' }),
  'source.http.next.from': at('source.http.next', { page: 'p' }),
  'source.http.next.until': at('source.http.next', { page: 'p' }),
  'source.http.next.offset': at('source.http.next', { by: 5 }),
  'source.http.next.by': at('source.http.next', { offset: 'o' }),
  'source.http.total': at('source.http.total', { path: '/r/@total', of: 'all' }),
  'source.s3': { source: { http: undefined, s3: {} } },
  'source.s3.bucket': { source: { http: undefined, s3: { prefix: 'p/' } } },
  'source.s3.prefix': { source: { http: undefined, s3: { bucket: 'of-others' } } },
  partitions: LISTED,
  'partitions.http': CONNECTED_LISTED,
  'partitions.http.url': LISTED,
  'partitions.http.method=POST': over(CONNECTED_LISTED, at('partitions.http.body', 'x')),
  'partitions.http.body': over(CONNECTED_LISTED, at('partitions.http.method', 'POST')),
  ...Object.fromEntries(
    Object.entries({
      token: { param: 'p' },
      param: { token: '/p/t' },
      keep: { token: '/p/t', param: 'p' },
      from: { page: 'p' },
      until: { page: 'p' },
      offset: { by: 5 },
      by: { offset: 'o' },
    }).map(([key, beside]) => [
      `partitions.http.next.${key}`,
      over(CONNECTED_LISTED, at('partitions.http.next', beside)),
    ]),
  ),
  'schedule.expression': { schedule: { expression: 'rate(1 day)', timezone: 'Europe/Berlin' } },
  'schedule.timezone': { schedule: { expression: 'cron(0 1 * * ? *)' } },
  window: WINDOW,
  'window.stopWhenOlder': over(WINDOW, at('source.http.next', { url: '/r/@next' })),
  deletes: over(
    at('tables.*', { disposition: 'merge', key: ['k'] }),
    at('deletes.*', { rows: '/r/gone', match: { k: 'k' } }),
  ),
  'deletes.*.compareKeys': over(WINDOW, {
    deletes: { 'a.b': { compareKeys: { schedule: 'rate(1 day)', params: { q: 'all' } } } },
  }),
  'deletes.*.compareKeys.schedule.timezone': over(WINDOW, {
    deletes: {
      'a.b': { compareKeys: { schedule: { expression: 'cron(0 1 * * ? *)' }, params: { q: 'all' } } },
    },
  }),
  'deletes.*.sequence': over(
    at('tables.*', { disposition: 'merge', key: ['k'], sequence: ['d'] }),
    at('deletes.*', { rows: '/r/gone', match: { k: 'k' } }),
  ),
  'tables.*.parent': CHILD,
  'tables.*.disposition': at('tables.*', { key: ['k'] }),
  'tables.*.key': at('tables.*', { disposition: 'append' }),
  'tables.*.distribute': at('tables.*', { key: ['k'] }),
  'tables.*.sequence': at('tables.*', { disposition: 'merge', key: ['k'] }),
  'tables.*.ignore': at('tables.*', { disposition: 'history', key: ['k'] }),
  'tables.*.columns.*.ordinal': over(
    CHILD,
    over(at('tables.*.parent', { k: 'k' }), column({ type: undefined })),
  ),
  'tables.*.columns.*.separator': column({ many: 'join' }),
  'tables.*.columns.*.format': column({ type: 'date' }),
  'tables.*.columns.*.many=map': column({ keyPath: 'a', valuePath: 'b' }),
  'tables.*.columns.*.keyPath': column({ many: 'map', keyPath: 'a', valuePath: 'b' }),
  'tables.*.columns.*.valuePath': column({ many: 'map', keyPath: 'a', valuePath: 'b' }),
  'tables.*.columns.*.group': column({ type: 'bigint' }),
  'tables.*.columns.*.decimal': column({ type: 'real' }),
  'tables.*.columns.*.round': column({ type: 'decimal(4,2)' }),
  'tables.*.columns.*.zone': column({ type: 'timestamptz' }),
};

/** The value that each key is tried with. */
const VALUES: Readonly<Record<string, unknown>> = {
  feed: 'g',
  description: 'some',
  'source.http.connection': 'jazz',
  'source.http.url': 'https://c.example/x',
  'source.http.auth.secret': 'other',
  'source.http.auth.name': 'X-Key',
  'source.http.auth.tokenUrl': 'https://a.example/t',
  'source.http.auth.scope': 'read',
  'source.http.limits.concurrency': 7,
  'source.http.limits.requestsPerSecond': 3,
  'source.http.limits.idleTimeout': '7s',
  'source.http.trustedHosts': ['b.example'],
  'source.http.tls.caSecret': 'ca',
  'source.http.path': '/z',
  'source.http.body': 'text',
  'source.http.params': { a: '1' },
  'source.http.headers': { A: '1' },
  'source.http.next.url': '/r/@next',
  'source.http.next.token': '/r/t',
  'source.http.next.param': 'p',
  'source.http.next.keep': ['q'],
  'source.http.next.page': 'p',
  'source.http.next.offset': 'o',
  'source.http.next.from': 1,
  'source.http.next.by': 'n',
  'source.http.next.until.total': '/r/@total',
  'source.http.total.path': '/r/@all',
  'source.http.responses': [
    Object.fromEntries([
      ['status', 404],
      ['then', 'empty'],
    ]),
  ],
  'source.s3.suffixes': ['.data'],
  'source.s3.bucket': 'of-others',
  'source.s3.prefix': 'p/',
  'source.s3.splitBytes': '64MiB',
  'source.s3.keep': '30d',
  'partitions.http.path': '/q',
  'partitions.http.url': 'https://a.example/q',
  'partitions.http.next.url': '/p/@next',
  'partitions.http.next.token': '/p/t',
  'partitions.http.next.param': 'p',
  'partitions.http.next.keep': ['q'],
  'partitions.http.next.page': 'p',
  'partitions.http.next.offset': 'o',
  'partitions.http.next.from': 1,
  'partitions.http.next.by': 'n',
  'partitions.http.next.until.total': '/p/@total',
  'partitions.http.body': 'text',
  'partitions.http.params': { a: '1' },
  'partitions.http.headers': { A: '1' },
  'partitions.rows': '/p/r',
  'partitions.values': { name: 'm' },
  'partitions.atMost': 5,
  'schedule.expression': 'rate(2 days)',
  'schedule.timezone': 'Europe/Berlin',
  'window.cursor': 'e',
  'window.start': '2021-01-01T00:00:00Z',
  'window.step': '7d',
  'window.lookback': '1h',
  'window.delay': '1h',
  'window.format': 'epoch-millis',
  'window.stopWhenOlder': true,
  namespaces: { default: 'http://a.example/n' },
  record: '/r/z',
  'tables.*.adopt': true,
  'tables.*.sort': ['k'],
  'tables.*.rows': '/r/z',
  'tables.*.parent': { k: 'k' },
  'tables.*.key': ['k'],
  'tables.*.sequence': ['d'],
  'tables.*.ignore': ['c'],
  'tables.*.columns.*.path': 'other',
  'tables.*.columns.*.type': 'varchar(10)',
  'tables.*.columns.*.ordinal': true,
  'tables.*.columns.*.value': 'v',
  'tables.*.columns.*.separator': '|',
  'tables.*.columns.*.split': '|',
  'tables.*.columns.*.keyPath': 'k',
  'tables.*.columns.*.valuePath': 'v',
  'tables.*.columns.*.trim': false,
  'tables.*.columns.*.default': 'd',
  'tables.*.columns.*.required': true,
  'tables.*.columns.*.truncate': true,
  'tables.*.columns.*.format': 'dd.MM.yyyy',
  'tables.*.columns.*.zone': 'Europe/Berlin',
  'tables.*.columns.*.replace': { a: 'b' },
  'tables.*.columns.*.round': true,
  'deletes.*.rows': '/r/lost',
  'deletes.*.match': { k: '@k' },
  'deletes.*.sequence': 'when',
  'deletes.*.compareKeys.schedule.expression': 'rate(7 days)',
  'deletes.*.compareKeys.schedule.timezone': 'Europe/Berlin',
  'deletes.*.compareKeys.params': { q: 'keys' },
  'deletes.*.compareKeys.atMost': 5,
  'rejects.atMost': [1, '2%'],
  'grants.select': ['role reader'],
  'alerts.staleAfter': '1h',
  'load.every': '5m',
  'load.maxBytes': '64MiB',
  paused: true,
};

const besideOf = (path: string): unknown =>
  Object.entries(BESIDE)
    .filter(([start]) => path.startsWith(start))
    .sort(([a], [b]) => b.length - a.length)[0]?.[1];

/** What becomes of a feed: its problems, or all that it resolves to. JSON is YAML. */
const outcomeOf = (document: unknown): string => {
  const name = isObject(document) ? String(document.feed) : '';
  const files = [{ name: `${name}.yaml`, text: JSON.stringify(document) }];
  const { feeds, problems } = resolveFeeds(files, CONNECTIONS, undefined, { allowLoopback: false });
  return problems.length > 0 ? problems.map(({ message }) => message).join('\n') : JSON.stringify(feeds);
};

const keys = PATHS.filter((path) => !path.includes('='));
const words = new Map(
  PATHS.filter((path) => path.includes('=')).map((path): [string, string[]] => [
    path.split('=')[0] ?? '',
    [],
  ]),
);
for (const path of PATHS) {
  const [key = '', word] = path.split('=');
  if (word !== undefined) words.get(key)?.push(word);
}

/** Whether the outcome refuses a key, or one around it, as not built. */
const isRefused = (outcome: string, path: string): boolean => {
  const [key = '', word] = path.split('=');
  const printed = key.replace(/^(tables|deletes)\.\*/, '$1.a.b').replace('columns.*', 'columns.c');
  return outcome.split('\n').some((line) => {
    const refused = line.endsWith(' is not supported yet')
      ? line.slice(0, -' is not supported yet'.length)
      : undefined;
    const isAround = refused !== undefined && (printed === refused || printed.startsWith(`${refused}.`));
    return (
      isAround ||
      refused === `${printed}: ${word}` ||
      (word !== undefined && refused?.startsWith(`${printed}: got '${word}'`))
    );
  });
};

describe('every key of the format', () => {
  it.each(keys)('%s changes what a feed is, or is refused by name', (path) => {
    const without = over(BASE, besideOf(path));
    const outcome = outcomeOf(over(without, at(path, VALUES[path])));
    if (!isRefused(outcome, `${path}=${VALUES[path]}`)) {
      expect(outcome).toMatch(/^\{/);
      expect(outcome).not.toBe(outcomeOf(without));
    }
  });

  it('is tried here, and nothing else is', () => {
    expect(Object.keys(VALUES).sort()).toEqual([...keys].sort());
  });
});

describe('every word of the format', () => {
  it.each([...words])('%s: %j mean something each, or are refused by name', (path, all) => {
    const outcomes = all
      .map(
        (word) =>
          [
            `${path}=${word}`,
            outcomeOf(over(over(BASE, besideOf(`${path}=${word}`)), at(path, word))),
          ] as const,
      )
      .filter(([word, outcome]) => !isRefused(outcome, word));
    for (const [word, outcome] of outcomes) expect(outcome, word).toMatch(/^\{/);
    expect(new Set(outcomes.map(([, outcome]) => outcome)).size).toBe(outcomes.length);
  });
});
