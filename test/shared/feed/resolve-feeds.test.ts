import { expect, test } from 'vitest';
import { printProblem } from '../../../shared/feed/document/yaml-source.ts';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';
import { ATOM, CONNECTIONS, edit, WORK_ITEMS } from './sample.ts';

const files = [
  { name: 'feeds/work_items.yaml', text: WORK_ITEMS },
  { name: 'feeds/entries.yaml', text: ATOM },
];
const resolve = (connections: string | undefined, overlay?: string, allowLoopback = false) => {
  const { feeds, problems } = resolveFeeds(files, connections, overlay, { allowLoopback });
  return { feeds, problems: problems.map(printProblem) };
};

test('resolves a folder of feeds by name', () => {
  const { feeds, problems } = resolve(CONNECTIONS);
  expect(problems).toEqual([]);
  expect(Object.keys(feeds)).toEqual(['work_items', 'entries']);
});

test('lays the overlay over the connections, key by key', () => {
  const overlay = 'jazz: { baseUrl: "http://127.0.0.1:8080/", auth: { kind: bearer, secret: local/jazz } }';
  const { feeds } = resolve(CONNECTIONS, overlay, true);
  expect(feeds.work_items?.source).toMatchObject({
    url: 'http://127.0.0.1:8080/ccm/rpt/repository/workitem',
    auth: { kind: 'bearer', secret: 'local/jazz' },
    trustedHosts: ['other.acme.example:9443'],
  });
});

test('refuses http to this machine unless it is allowed, in the file that says it', () => {
  const overlay = '\njazz: { baseUrl: "http://127.0.0.1:8080" }';
  expect(resolve(CONNECTIONS, overlay).problems).toEqual([
    "connections.<env>.yaml:2:18: jazz.baseUrl: got 'http://127.0.0.1:8080', allowed https://…; http to this machine only on the local cloud",
  ]);
});

test('reports what is wrong in a connection of two files where its key stands', () => {
  const overlay = '\njazz: { baseUrl: "https://b.example", limits: { idleTimeout: 0s } }';
  expect(
    resolve(edit(CONNECTIONS, 'other.acme.example:9443', 'https://other.example'), overlay).problems,
  ).toEqual([
    "connections.yaml:5:18: jazz.trustedHosts[0]: got 'https://other.example', allowed host or host:port",
    "connections.<env>.yaml:2:62: jazz.limits.idleTimeout: got '0s', allowed at least 1s",
  ]);
  const narrow = edit(WORK_ITEMS, 'connection: jazz', 'connection: none');
  const { problems } = resolveFeeds(
    [{ name: 'work_items.yaml', text: narrow }],
    'none: { network: public }',
    '\nnone: {}',
    { allowLoopback: false },
  );
  expect(problems.map(printProblem)).toEqual([
    'connections.<env>.yaml:2:1: none.baseUrl: is missing, allowed https://…',
  ]);
});

test('says nothing of the names of connections whose file is wrong', () => {
  expect(resolve(edit(CONNECTIONS, 'baseUrl', 'baseURL')).problems).toEqual([
    "connections.yaml:2:3: jazz.baseURL: unknown key, did you mean 'baseUrl'",
  ]);
  expect(resolve('jazz: [').problems).toHaveLength(1);
  expect(resolve(CONNECTIONS, 'jazz: [').problems).toHaveLength(1);
});

test('keeps the good feeds when others have problems', () => {
  const { feeds, problems } = resolve(undefined);
  expect(Object.keys(feeds)).toEqual(['entries']);
  expect(problems).toEqual([
    "feeds/work_items.yaml:5:17: source.http.connection: got 'jazz', allowed none: connections.yaml has none",
  ]);
});

test.each([
  [
    'an unknown key',
    'baseUrl',
    'baseURL',
    ["connections.yaml:2:3: jazz.baseURL: unknown key, did you mean 'baseUrl'"],
  ],
  [
    'a kind of auth that there is not',
    'kind: basic',
    'kind: kerberos',
    ["connections.yaml:3:17: jazz.auth.kind: got 'kerberos', allowed none basic bearer header oauth2 jazz"],
  ],
  [
    'a key of another kind of auth',
    'kind: basic',
    'kind: basic, tokenUrl: "https://a.example"',
    ['connections.yaml:3:24: jazz.auth.tokenUrl: unknown key, allowed kind secret'],
  ],
  [
    'a rate too low for its slices',
    'concurrency: 4',
    'concurrency: 4, requestsPerSecond: 0.06',
    [
      "connections.yaml:4:48: jazz.limits.requestsPerSecond: got 0.06, allowed at least 0.07 for a concurrency of 4: a slice's turn comes once a minute",
    ],
  ],
  [
    'a trusted host that is a URL',
    'other.acme.example:9443',
    'https://other.example',
    ["connections.yaml:5:18: jazz.trustedHosts[0]: got 'https://other.example', allowed host or host:port"],
  ],
  [
    'a trusted host that is this machine',
    'other.acme.example:9443',
    '127.1:9001',
    [
      "connections.yaml:5:18: jazz.trustedHosts[0]: got '127.1:9001', allowed another machine; this one only on the local cloud",
    ],
  ],
  [
    'more slices at once than a Map runs',
    'concurrency: 4',
    'concurrency: 41',
    ['connections.yaml:4:26: jazz.limits.concurrency: got 41, allowed at most 40'],
  ],
])('refuses in connections %s', (_, from, to, expected) => {
  const own = resolve(edit(CONNECTIONS, from, to)).problems.filter((line) =>
    line.startsWith('connections.yaml'),
  );
  expect(own).toEqual(expected);
});

test('divides what a connection may fetch at once among its feeds', () => {
  const texts = ['a', 'b', 'c'].map((name) => ({
    name: `${name}.yaml`,
    text: edit(WORK_ITEMS, 'feed: work_items', `feed: ${name}`),
  }));
  const { feeds } = resolveFeeds(texts.slice(0, 2), CONNECTIONS, undefined, { allowLoopback: false });
  expect(Object.values(feeds).map(({ source }) => source)).toEqual([
    expect.objectContaining({ concurrency: 2 }),
    expect.objectContaining({ concurrency: 2 }),
  ]);
  const narrow = edit(CONNECTIONS, 'concurrency: 4', 'concurrency: 2');
  const { problems } = resolveFeeds(texts, narrow, undefined, { allowLoopback: false });
  expect(problems.map(printProblem)).toEqual([
    'connections.yaml:4:26: jazz.limits.concurrency: got 2, allowed at least 3, one for each of its feeds',
  ]);
});

test('refuses feeds that would read the same objects of a bucket', () => {
  const feed = (name: string, place: string) => ({
    name: `${name}.yaml`,
    text: `feed: ${name}\nsource: { s3: { ${place} } }\ntables: { a.${name}: { rows: /r/x, disposition: append, columns: { c: bigint } } }`,
  });
  const { problems } = resolveFeeds(
    [
      feed('a', 'bucket: of-others, prefix: in/'),
      feed('b', 'bucket: of-others, prefix: in/b/'),
      feed('c', 'bucket: of-others, prefix: out/'),
      feed('d', 'bucket: of-none, prefix: in/'),
      feed('e', ''),
    ],
    undefined,
    undefined,
    { allowLoopback: false },
  );
  expect(problems.map(printProblem)).toEqual([
    'b.yaml:1:1: source.s3.prefix: got in/b/, which overlaps with in/ of feed a in the same bucket, allowed apart: an object is read for one feed',
  ]);
});

test('divides what a connection may be asked in a second among its feeds', () => {
  const texts = ['a', 'b', 'c'].map((name) => ({
    name: `${name}.yaml`,
    text: edit(WORK_ITEMS, 'feed: work_items', `feed: ${name}`),
  }));
  const rated = edit(CONNECTIONS, 'concurrency: 4', 'concurrency: 3, requestsPerSecond: 6');
  const { feeds } = resolveFeeds(texts, rated, undefined, { allowLoopback: false });
  expect(Object.values(feeds).map(({ source }) => source)).toEqual(
    texts.map(() => expect.objectContaining({ concurrency: 1, requestsPerSecond: 2 })),
  );
});
