import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { fakeIo } from './fake-io.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preview-'));
  await mkdir(join(folder, 'feeds'));
});
afterEach(() => rm(folder, { recursive: true }));

const TABLES = `tables:
  shop.books:
    rows: /books/book
    disposition: merge
    key: [isbn]
    columns: { isbn: varchar(9) <- @isbn, title: varchar(20), pages: smallint, shelf: varchar(9) <- shelve }
  shop.reviews:
    parent: { isbn: isbn }
    rows: review
    columns: { position: { ordinal: true }, stars: smallint <- @stars }
`;
const feed = (source: string, rest = '') =>
  writeFile(join(folder, 'feeds', 'books.yaml'), `feed: books\nsource:\n  ${source}\n${rest}${TABLES}`);

const book = (n: number, pages = '7') =>
  `<book isbn="${n}"><title>t${n}</title><pages>${pages}</pages><shelf>A</shelf><review stars="5"/></book>`;
const books = (...numbers: readonly number[]) => `<books>${numbers.map((n) => book(n)).join('')}</books>`;

const run = async (argv: readonly string[], stdin: Iterable<Uint8Array> = [], env = {}) => {
  const io = { ...fakeIo({ cwd: folder, env }), stdin: Readable.from(stdin) };
  const status = await runCommand(['preview', ...argv], io, '0');
  return { status, out: io.out(), err: io.err() };
};

/** On a terminal or not, with all that was waited for. */
const watch = async (argv: readonly string[], isTTY: boolean) => {
  const io = fakeIo({ cwd: folder, isTTY, env: { NO_COLOR: '1' } });
  const status = await runCommand(['preview', ...argv], io, '0');
  return { status, out: io.out(), err: io.err(), slept: io.slept };
};

const answer = (xml: string): [number, Record<string, string>, string] => [
  200,
  { 'content-type': 'application/xml' },
  xml,
];

describe('preview of a file', () => {
  beforeEach(() => feed('s3: {}'));

  test.each([
    ['plain', Buffer.from(books(1, 2, 3, 4))],
    ['gzip', gzipSync(books(1, 2, 3, 4))],
    ['zstd', zstdCompressSync(books(1, 2, 3, 4))],
  ])('shows rows, and what matched nothing and what is not read: %s', async (_, bytes) => {
    await writeFile(join(folder, 'b.xml'), bytes);
    const { status, out, err } = await run(['books', 'b.xml', '--rows', '2']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toBe(`shop.books
isbn  title  pages  shelf
────  ─────  ─────  ─────
   1  t1         7      ∅
   2  t2         7      ∅

shop.reviews
isbn  position  stars
────  ────────  ─────
   1         1      5
   2         1      5

2 records: shop.books 2 rows, shop.reviews 2 rows
column shop.books.shelf: path shelve matched nothing in what was read; the nearest there is shelf
in the records, read by no column:
  /books/book/shelf  2
`);
  });

  test('says of what is not in the records that were read that it may follow, in one line, and which option reads on', async () => {
    const [bare, full] = ['<book isbn="1"><shelf>A</shelf></book>', book(2)];
    await writeFile(join(folder, 'b.xml'), `<books>${bare}${full}</books>`);
    const { status, out } = await run(['books', 'b.xml', '--rows', '1']);
    expect(status).toBe(0);
    expect(out.split('\n').filter((line) => /not in|matched nothing/.test(line))).toEqual([
      'column shop.books.shelf: path shelve matched nothing in what was read; the nearest there is shelf',
      'not in the 1 record that was read, and perhaps in later ones (--rows 10 reads on): title, pages, /books/book/review',
    ]);
    const whole = await run(['books', 'b.xml', '--rows', '10']);
    expect(whole.out).not.toContain('perhaps');
  });

  test('names rejected rows with reason and place', async () => {
    await writeFile(join(folder, 'b.xml'), `<books>\n${book(1, 'many')}\n${book(2)}</books>`);
    const { status, out } = await run(['feeds/books.yaml', 'b.xml']);
    expect(status).toBe(0);
    expect(out).toContain('rejected: shop.books at b.xml line 2, column ');
    expect(out).toContain('pages <- pages: ');
    expect(out).toContain('2 records: shop.books 1 row, shop.reviews 1 row, 1 row rejected');
  });

  test('reads no further than it has to, and closes stdin', async () => {
    let given = 0;
    const endless = function* () {
      yield Buffer.from('<books>');
      for (;;) yield Buffer.from(book(++given));
    };
    const { status, out } = await run(['books', '-', '--rows', '3'], endless());
    expect(status).toBe(0);
    expect(out).toContain('3 records: ');
    // What Readable reads ahead.
    expect(given).toBeLessThan(100);
  });

  test('shows what was read before the place where a document is broken', async () => {
    const { status, out, err } = await run(['books', '-'], [Buffer.from(`<books>${book(1)}<book></books>`)]);
    expect(status).toBe(1);
    expect(out).toContain('   1  t1 ');
    expect(err).toContain('millrace: stdin: unexpected close tag');
  });

  test.each([
    ['<books><volume/></books>', 'got no record, allowed at least one /books/book'],
    [`<books>${book(1, 'x')}</books>`, 'no row of 1 record is kept: 1 row rejected'],
    ['<error/>', 'root is <error>'],
  ])('fails where nothing is to be shown: %s', async (xml, message) => {
    const { status, err } = await run(['books', '-'], [Buffer.from(xml)]);
    expect(status).toBe(1);
    expect(err).toContain(message);
  });

  test.each([
    [
      ['books'],
      'feed books reads files, got none, allowed a file or - for stdin: npx millrace preview books FILE',
    ],
    [['books', 'b.xml', '--rows', '0'], '--rows takes 1 to 1000, got "0"'],
    [['books', 'none.xml'], 'none.xml is not there'],
    [['bocks'], 'feeds/bocks.yaml is not there'],
  ])('refuses %j', async (argv, message) => {
    const { status, err } = await run(argv);
    expect(status).toBe(2);
    expect(err).toContain(message);
  });
});

describe('preview of a server', () => {
  test('tells in rows where they come from, as a run does', async () => {
    const source = await loopbackSource((_, response) => {
      const [status, headers, body] = answer('<books><book><id>1</id></book></books>');
      response.writeHead(status, headers).end(body);
    });
    const write = (value: string) =>
      writeFile(
        join(folder, 'feeds', 'books.yaml'),
        `feed: books
source: { http: { url: "${source.origin}/b", params: { part: "\${partition}", access_token: s } } }
partitions: [{ name: x, team: t }]
tables:
  a.b: { rows: /books/book, disposition: append, columns: { x: { type: varchar(200), value: "${value}" } } }
`,
      );
    await write('${partition} ${partition.team} ${page.url}');
    const { status, out } = await run(['books']);
    expect(status).toBe(0);
    expect(out).toContain(`x t ${source.origin}/b?part=x&acc…\n`);
    const given = await run(['books', '--variable', 'page.url=u']);
    expect(given.status).toBe(2);
    expect(given.err).toContain('--variable needs INPUT');
    await writeFile(join(folder, 'b.xml'), '<books><book/></books>');
    const ofFile = ['books', 'b.xml', '--variable', 'partition=x', '--variable', 'page.url=u'];
    expect((await run(ofFile)).out).toContain('x t u\n');
    expect((await run(ofFile.slice(0, 4))).err).toContain('--variable page.url=TEXT');
  });

  test('follows pages and partitions until there are enough, then leaves the answer', async () => {
    const closed: Promise<unknown>[] = [];
    const source = await loopbackSource((request, response) => {
      const [status, headers] = answer('');
      response.writeHead(status, headers);
      if (request.url === '/b?part=x') return response.end(books(1, 2));
      if (request.url === '/b?part=y')
        return response.end(`<books next="/b?part=y&amp;page=2">${book(3)}</books>`);
      // A page without an end.
      closed.push(once(response, 'close'));
      return response.write(`<books>${book(4)}${book(5)}${book(6)}`);
    });
    await feed(
      `http: { url: "${source.origin}/b", params: { part: "\${partition}" }, next: { url: /books/@next } }`,
      'partitions: [{ name: x }, { name: y }, { name: z }]\n',
    );
    const { status, out, err } = await run(['books', '--rows', '4']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(source.requests).toEqual(['GET /b?part=x', 'GET /b?part=y', 'GET /b?part=y&page=2']);
    expect(out).toContain('4 records: shop.books 4 rows');
    await Promise.all(closed);
  });

  test('goes on over a page of which a predicate leaves no row', async () => {
    const pages = [
      '<books><book kind="x"><id>1</id></book></books>',
      '<books><book kind="y"><id>2</id></book></books>',
      '<books><book kind="x"><id>3</id></book></books>',
    ];
    const source = await loopbackSource((request, response) => {
      const [status, headers] = answer('');
      response.writeHead(status, headers);
      response.end(pages[Number(request.url?.slice(-1)) - 1] ?? '<books/>');
    });
    await writeFile(
      join(folder, 'feeds', 'books.yaml'),
      `feed: books
source: { http: { url: "${source.origin}/b", next: { page: p } } }
tables:
  a.b: { rows: "/books/book[@kind='x']", disposition: append, columns: { id: bigint } }
`,
    );
    const { status, out } = await run(['books']);
    expect(status).toBe(0);
    expect(out).toContain('2 records: a.b 2 rows');
  });

  test.each([
    ['empty', 0, '2 records: shop.books 2 rows'],
    [
      'fail',
      1,
      'page 3 answered 200 with "no more", by source.http.responses[0] (path /error/@text, then fail)',
    ],
  ])('goes by the rules for answers: %s', async (becomes, expected, told) => {
    const source = await loopbackSource((_, response, n) => {
      const [status, headers, body] = answer(n < 3 ? books(n) : '<error text="no more"/>');
      response.writeHead(status, headers).end(body);
    });
    await feed(
      `http: { url: "${source.origin}/b", next: { page: p }, responses: [{ path: /error/@text, then: ${becomes} }] }`,
    );
    const { status, out, err } = await run(['books']);
    expect([status, source.requests.length]).toEqual([expected, 3]);
    expect(out + err).toContain(told);
  });

  const windowed = (origin: string, step = '') =>
    writeFile(
      join(folder, 'feeds', 'books.yaml'),
      `feed: books
source: { http: { url: "${origin}/b", params: { from: "\${window.from}", to: "\${window.to}" } } }
window: { cursor: changed, start: 2026-01-01T00:00:00Z, format: iso, lookback: 10m, delay: 1m${step} }
tables:
  a.b: { rows: /books/book, disposition: merge, key: [id], columns: { id: bigint, changed: timestamptz } }
`,
    );
  const dated = (id: number, changed: string) =>
    `<books><book><id>${id}</id><changed>${changed}</changed></book></books>`;

  test('asks for the newest step, then for what lies before it', async () => {
    const source = await loopbackSource((_, response, n) => {
      const [status, headers, body] = answer(
        n === 1 ? dated(1, '2026-01-15T07:00:00Z') : dated(2, '2026-01-02T00:00:00Z'),
      );
      response.writeHead(status, headers).end(body);
    });
    await windowed(source.origin, ', step: 1d');
    const { status, out, err } = await run(['books']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(source.requests.map(decodeURIComponent)).toEqual([
      'GET /b?from=2026-01-14T07:50:00Z&to=2026-01-15T08:00:00Z',
      'GET /b?from=2025-12-31T23:50:00Z&to=2026-01-14T08:00:00Z',
    ]);
    expect(out).toContain('2 records: a.b 2 rows');
  });

  test('says that a source gives what was not asked for', async () => {
    const source = await loopbackSource((_, response) => {
      const [status, headers, body] = answer(dated(1, '2001-01-15T07:00:00Z'));
      response.writeHead(status, headers).end(body);
    });
    await windowed(source.origin);
    const { status, err } = await run(['books']);
    expect(status).toBe(1);
    expect(err).toContain('no row of 1 record is kept: 1 record outside the window');
  });

  test.each([true, false])('asks again for a page that fails for now: on a terminal %s', async (isTTY) => {
    const source = await loopbackSource((_, response, n) => {
      if (n === 2 || n === 3) return response.writeHead(503).end('not now');
      const [status, headers, body] = answer(books(n));
      return response
        .writeHead(status, headers)
        .end(n < 4 ? body.replace('<books', '<books next="/b?p=2"') : body);
    });
    await feed(`http: { url: "${source.origin}/b", next: { url: /books/@next } }`);
    const { status, out, err, slept } = await watch(['books'], isTTY);
    expect({ status, slept }).toEqual({ status: 0, slept: [1000, 2000] });
    expect(source.requests).toEqual(['GET /b', 'GET /b?p=2', 'GET /b?p=2', 'GET /b?p=2']);
    expect(out).toContain('2 records: shop.books 2 rows');
    const told = err.split('\n').filter((line) => line.includes('; try '));
    expect(told.map((line) => line.slice(line.indexOf('answered')))).toEqual(
      isTTY ? ['answered 503: not now; try 2 of 4 in 1 s', 'answered 503: not now; try 3 of 4 in 2 s'] : [],
    );
  });

  test('shows no row twice of a page that broke off', async () => {
    const source = await loopbackSource((_, response, n) => {
      const [status, headers] = answer('');
      response.writeHead(status, headers);
      response.end(n === 1 ? `<books>${book(1)}${book(2)}` : books(1, 2, 3));
    });
    await feed(`http: { url: "${source.origin}/b" }`);
    const { status, out, slept } = await watch(['books'], false);
    expect({ status, slept }).toEqual({ status: 0, slept: [1000] });
    expect(out.match(/ {3}1 {2}t1 /g)).toHaveLength(1);
    expect(out).toContain('3 records: shop.books 3 rows, shop.reviews 3 rows');
  });

  test('gives up after the fourth try, with what it read before and what to do', async () => {
    const source = await loopbackSource((_, response, n) => {
      const [status, headers, body] = answer(books(1).replace('<books', '<books next="/b?p=2"'));
      if (n > 1) response.writeHead(502).end();
      else response.writeHead(status, headers).end(body);
    });
    await feed(`http: { url: "${source.origin}/b", next: { url: /books/@next } }`);
    const { status, out, err, slept } = await watch(['books'], false);
    expect({ status, slept, requests: source.requests.length }).toEqual({
      status: 1,
      slept: [1000, 2000, 4000],
      requests: 5,
    });
    expect(out).toContain('   1  t1 ');
    expect(err).toMatch(
      /answered 502.*; that was try 4 of 4; run npx millrace preview again later .*docs\/runbook.md, ExtractFailed, says/,
    );
  });

  test.each([
    ['that no repeat mends', 404, {}],
    ['of a source that is asked too often today', 429, { 'retry-after': '86400' }],
  ])('does not ask again after an error %s', async (_, refusal, headers) => {
    const source = await loopbackSource((_, response) => response.writeHead(refusal, headers).end());
    await feed(`http: { url: "${source.origin}/b" }`);
    const { status, slept } = await watch(['books'], false);
    expect({ status, slept, requests: source.requests.length }).toEqual({
      status: 1,
      slept: [],
      requests: 1,
    });
  });

  test('ends its waiting when it is interrupted', async () => {
    const source = await loopbackSource((_, response) => response.writeHead(503).end());
    await feed(`http: { url: "${source.origin}/b" }`);
    const io = fakeIo({ cwd: folder });
    const sleep = async () => {
      io.interrupt();
      io.signal.throwIfAborted();
    };
    expect(await runCommand(['preview', 'books'], { ...io, sleep }, '0')).toBe(130);
    expect({ err: io.err(), requests: source.requests.length }).toEqual({
      err: 'millrace: interrupted\n',
      requests: 1,
    });
  });

  test('logs in by a secret of this machine, and shows it nowhere', async () => {
    const seen: (string | undefined)[] = [];
    const source = await loopbackSource((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-tenant']?.toString());
      response.writeHead(403, { 'content-type': 'text/plain' }).end('no sesame-open here');
    });
    await feed(
      `http: { url: "${source.origin}/b", auth: { kind: bearer, secret: shop }, headers: { X-Tenant: "\${secret.tenant}" } }`,
    );
    const env = { MILLRACE_SECRETS: '{"shop":{"token":"sesame-open","tenant":"acme"}}' };
    const { status, out, err } = await run(['books'], [], env);
    expect({ status, out, seen }).toEqual({ status: 1, out: '', seen: ['Bearer sesame-open', 'acme'] });
    expect(err).toContain('403');
    expect(err).not.toContain('sesame');
    const missing = await run(['books']);
    expect(missing.status).toBe(1);
    expect(missing.err).toContain('store it: npx millrace secret set shop');
  });
});
