import { appendFileSync, chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Catalogue, SHELF_COLUMNS, shelfFeed, shelfRows, startCatalogue } from './support/catalogue.ts';
import { type Folder, openFolder, type RunDocument, runDocument } from './support/folder.ts';

/** The command's contract: what it prints where, how it ends, how it is interrupted, where it finds secrets. */

const LONG = 300_000;
const AT = ['--at', '2026-10-01T00:00:00Z'];

/** Shelves of the second source, which wants to know who asks. */
const HEADERS: Readonly<Record<string, string>> = {
  by_basic: `Basic ${Buffer.from('ada:pa:ss wörd').toString('base64')}`,
  by_bearer: 'Bearer t-0k3n',
};
const guarded = ({
  request,
  response,
}: Parameters<NonNullable<Parameters<typeof startCatalogue>[0][string]>>[0]) => {
  const shelf = Object.keys(HEADERS).find((name) => request.url?.startsWith(`/${name}`)) ?? '';
  if (request.headers.authorization === HEADERS[shelf]) return 'pass' as const;
  response.writeHead(401, { 'content-type': 'text/plain' }).end('who are you?');
  return undefined;
};

let folder: Folder;
let catalogue: Catalogue;
let away: Catalogue;
let first: RunDocument & { readonly status: number | null };
let hang: (() => void) | undefined;

beforeAll(async () => {
  folder = openFolder();
  away = await startCatalogue({});
  await away.close();
  catalogue = await startCatalogue({
    by_basic: guarded,
    by_bearer: guarded,
    later: ({ response, page, asked }) => {
      if (page !== 3 || asked > 1) return 'pass';
      response.writeHead(503, { 'retry-after': '1' }).end('busy');
      return undefined;
    },
    slow: ({ response, xml, page }) => {
      if (page !== 2 || hang === undefined) return 'pass';
      response.writeHead(200, { 'content-type': 'text/xml' }).write(xml.slice(0, 300));
      hang();
      return undefined;
    },
  });
  const write = (shelf: string, url: string, more = '') =>
    folder.write(`feeds/${shelf}.yaml`, shelfFeed(shelf, url, { more }));
  write('by_basic', `${catalogue.origin}/by_basic`, '    auth: { kind: basic, secret: shop/basic }\n');
  write('by_bearer', `${catalogue.origin}/by_bearer`, '    auth: { kind: bearer, secret: shop/bearer }\n');
  write('later', `${catalogue.origin}/later`);
  write('slow', `${catalogue.origin}/slow`);
  write('refused', `${away.origin}/refused`);
  write('nowhere', 'https://books.invalid/nowhere');
  const chosen = ['by_basic', 'by_bearer', 'later', 'refused', 'nowhere'].flatMap((feed) => ['--feed', feed]);
  first = await folder.run([...AT, ...chosen], {
    byMachinesNode: true,
    env: { MILLRACE_SECRETS: JSON.stringify({ 'shop/basic': { username: 'ada', password: 'pa:ss wörd' } }) },
  });
}, LONG);
afterAll(async () => {
  await catalogue.close();
  folder.remove();
});

const failureOf = (feed: string) => first.failures.find((failure) => failure.feed === feed);

describe('run --once --json', () => {
  it('works on the feeds that are named, and answers one document whatever Node starts it', () => {
    expect(Object.keys(first.feeds).sort()).toEqual(['by_basic', 'by_bearer', 'later', 'nowhere', 'refused']);
    expect([first.status, first.ok, first.failures.length]).toEqual([1, false, 3]);
    expect(first.seconds).toBeGreaterThan(0);
  });

  it('waits as long as a busy source asks for', () => {
    expect(first.feeds.later).toMatchObject({ batches: 1, records: 21 });
    expect(catalogue.requests.filter((one) => one.includes('/later?') && one.endsWith('p=3'))).toHaveLength(
      2,
    );
  });

  it('shows a source who asks, by the secret that MILLRACE_SECRETS holds', () => {
    expect(first.feeds.by_basic).toMatchObject({ batches: 1, records: 21 });
  });

  it('names the secret that is missing', () => {
    expect(failureOf('by_bearer')).toMatchObject({ error: 'SecretMissing' });
    expect(failureOf('by_bearer')?.message).toMatch(/"shop\/bearer".*MILLRACE_SECRETS/);
  });

  it('says that nobody answers, and at which URL', () => {
    expect(failureOf('refused')).toMatchObject({ error: 'SourceUnavailable' });
    expect(failureOf('refused')?.message).toContain(`no answer from ${away.origin}/`);
    expect(failureOf('refused')?.message).toContain('ECONNREFUSED');
    expect(failureOf('nowhere')).toMatchObject({ error: 'SourceUnavailable' });
    expect(failureOf('nowhere')?.message).toMatch(
      /no answer from https:\/\/books\.invalid\/.*(ENOTFOUND|EAI_AGAIN)/,
    );
  });
});

describe('diff', () => {
  it('compares the feeds with the folder while nothing runs on it', async () => {
    expect(await folder.millrace(['diff', 'later'])).toEqual({
      status: 0,
      out: 'later  nothing changes\n',
      err: '',
    });
    const changed = (more: string) =>
      folder.write('changed/later.yaml', `${shelfFeed('later', `${catalogue.origin}/later`)}${more}`);
    changed('grants: { select: [role reader] }\n');
    expect(await folder.millrace(['diff', '--feeds', 'changed'])).toEqual({
      status: 0,
      out: `later
  shelves.later  stays as it is
  would run  GRANT USAGE ON SCHEMA "shelves" TO ROLE "reader";
  would run  GRANT SELECT ON TABLE "shelves"."later" TO ROLE "reader";
`,
      err: '',
    });
  });
});

/** That a signal was heard is said at once, and that all has ended at the end. */
const INTERRUPTED = {
  status: 130,
  out: '',
  err: 'millrace: interrupted, ending …\nmillrace: interrupted\n',
};

describe('an interrupted run', () => {
  it('ends while it synthesizes too', async () => {
    // A synthesis is spared while nothing has changed that it reads.
    appendFileSync(join(folder.path, 'feeds/slow.yaml'), '\n# changed\n');
    const running = folder.start(['run', '--once', '--json', ...AT, '--feed', 'slow']);
    const output = join(folder.path, '.millrace/cdk.out');
    await expect.poll(() => existsSync(`${output}.new`)).toBe(true);
    running.child.kill('SIGINT');
    expect(await running.ended).toEqual(INTERRUPTED);
    expect([existsSync(output), existsSync(`${output}.new`)]).toEqual([true, false]);
  });

  it('ends with 130 and nothing on stdout; the next run goes on and ends in the exact rows', async () => {
    const asked = new Promise<void>((resolve) => {
      hang = resolve;
    });
    const running = folder.start(['run', '--once', '--json', ...AT, '--feed', 'slow']);
    await asked;
    running.child.kill('SIGINT');
    expect(await running.ended).toEqual(INTERRUPTED);
    hang = undefined;

    const file = folder.write(
      '.millrace/secrets.json',
      JSON.stringify({ 'shop/bearer': { token: 't-0k3n' } }),
    );
    chmodSync(file, 0o600);
    const next = await folder.run([...AT, '--feed', 'slow', '--feed', 'by_bearer']);
    expect(next).toMatchObject({ status: 0, ok: true, failures: [] });
    for (const shelf of ['slow', 'by_bearer', 'later', 'by_basic']) {
      expect(await folder.query(`SELECT ${SHELF_COLUMNS} FROM shelves.${shelf} ORDER BY pages`)).toEqual(
        shelfRows,
      );
    }
  });
});

describe('query', () => {
  const SQL = `SELECT 'a,"b"' AS t, NULL AS nothing, '' AS empty, chr(92) || 'N' AS text, 7 AS n, 'ö
𝔐' AS lines`;
  const CSV = 't,nothing,empty,text,n,lines\n"a,""b""",\\N,"","\\N",7,"ö\n𝔐"\n';

  it('prints csv, json and tables from the folder while nothing runs on it', async () => {
    expect(await folder.millrace(['query', '--format', 'csv', SQL])).toEqual({
      status: 0,
      out: CSV,
      err: '',
    });
    expect(await folder.query(SQL)).toEqual([
      { t: 'a,"b"', nothing: null, empty: '', text: '\\N', n: 7, lines: 'ö\n𝔐' },
    ]);
    const { out } = await folder.millrace(['query', 'SELECT count(*) AS books FROM shelves.slow']);
    expect(out).toBe('books\n─────\n   21\n');
  });

  it("ends with 1 and the warehouse's own words for wrong SQL", async () => {
    const { status, out, err } = await folder.millrace(['query', 'SELECT x FROM shelves.nothing_there']);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/^millrace: .*shelves\.nothing_there/);
  });

  it('asks the cloud that serves, until that is interrupted', async () => {
    const serving = folder.start(['run', ...AT, '--feed', 'later', '--json']);
    // Its document is whole when its work is done; from then on it serves.
    await new Promise<void>((resolve) => serving.child.stdout?.once('data', () => resolve()));
    expect(await folder.millrace(['query', '--format', 'csv', SQL])).toEqual({
      status: 0,
      out: CSV,
      err: '',
    });
    const diff = await folder.millrace(['diff', 'later', '--json']);
    expect([diff.status, diff.err]).toEqual([0, '']);
    expect(JSON.parse(diff.out)).toMatchObject({ ok: true, feeds: [{ feed: 'later', statements: [] }] });
    const second = await folder.millrace(['run', '--once', ...AT]);
    expect(second.status).toBe(1);
    expect(second.err).toMatch(/another millrace run uses .*\.millrace \(process \d+\): wait for it/);
    serving.child.kill('SIGINT');
    const { status, out, err } = await serving.ended;
    expect(status).toBe(130);
    expect(err).toBe('millrace: interrupted, ending …\nmillrace: interrupted\n');
    expect(runDocument.parse(JSON.parse(out))).toMatchObject({ ok: true, feeds: { later: { batches: 0 } } });
  });
});

const WRONG = `feed: wrong
source:
  http: { url: "http://127.0.0.1:1/items", parms: { size: 500 } }
tables:
  shop.items:
    rows: /items/item
    dispositoin: merge
    columns: { id: bigint }
`;
describe('a wrong feed file', () => {
  it.each([['validate'], ['run', '--once', '--json']])(
    'ends %s with 2 and file, line and column',
    async (...args) => {
      const other = openFolder();
      try {
        other.write('feeds/wrong.yaml', WRONG);
        const { status, out, err } = await other.millrace(args);
        expect([status, out]).toEqual([2, '']);
        expect(err.trim().split('\n').sort()).toEqual([
          expect.stringMatching(
            /^feeds\/wrong\.yaml:3:44: source\.http\.parms: unknown key, did you mean 'params'/,
          ),
          expect.stringMatching(
            /^feeds\/wrong\.yaml:7:5: .*dispositoin: unknown key, did you mean 'disposition'/,
          ),
        ]);
      } finally {
        other.remove();
      }
    },
  );

  it('is wrong usage like any other', async () => {
    for (const args of [
      ['run', '--onec'],
      ['query'],
      ['console'],
      ['run', '--feed', 'latr'],
      ['validate', 'feeds/none.yaml'],
    ]) {
      const { status, out, err } = await folder.millrace(args);
      expect([status, out], args.join(' ')).toEqual([2, '']);
      expect(err).toMatch(/--once|SQL|not built yet|later|none\.yaml/);
    }
  });
});
