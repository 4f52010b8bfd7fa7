import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, openFolder } from './support/folder.ts';

/** A feed of files, operated by the command alone: while no cloud runs on its folder, and while one serves. */

const LONG = 300_000;
const FEED = 'reports';

const feedOf = (rows: string): string => `feed: ${FEED}
source: { s3: { suffixes: [.xml] } }
tables:
  plant.reports:
    rows: ${rows}
    disposition: merge
    key: [id]
    columns: { id: bigint <- @id, note: varchar(20) <- @note }
`;
const xmlOf = (root: string, id: number): string => `<${root}><report id="${id}" note="n"/></${root}>`;
const IDS = 'select id from plant.reports order by id';

let folder: Folder;
const drop = (name: string, ...more: readonly string[]) =>
  folder.millrace(['run', '--once', '--json', '--file', `${FEED}=${name}`, ...more]);
const status = async () => {
  const ended = await folder.millrace(['status', '--json']);
  return { status: ended.status, ...JSON.parse(ended.out).feeds[0] };
};

beforeAll(async () => {
  folder = openFolder();
  folder.write(`feeds/${FEED}.yaml`, feedOf('/plant/report'));
  folder.write('one.xml', xmlOf('plant', 1));
  folder.write('two.xml', xmlOf('plant', 2));
  folder.write('other.xml', xmlOf('works', 3));
  expect((await drop('one.xml')).status).toBe(0);
}, LONG);
afterAll(() => folder.remove());

describe('a feed of a folder on which no cloud runs', () => {
  it(
    'is ok, and its batch has a story that ends with its load',
    async () => {
      expect(await status()).toMatchObject({
        status: 0,
        feed: FEED,
        state: 'ok',
        pending: 0,
        isDeployed: true,
      });
      const runs = JSON.parse((await folder.millrace(['runs', FEED, '--json'])).out);
      expect(runs).toMatchObject({ ok: true, runs: [{ state: 'loaded', rows: 1 }] });
      const story = JSON.parse((await folder.millrace(['batch', runs.runs[0].batch, '--json'])).out);
      expect(story).toMatchObject({
        ...{ ok: true, feed: FEED, state: 'loaded', covers: `landing/${FEED}/one.xml` },
        plans: [{ steps: [{ isLast: true, records: 1 }] }],
        loads: [{ outcome: 'loaded', tries: [{}] }],
      });
    },
    LONG,
  );

  it(
    'has a price, of all that its traces tell',
    async () => {
      const { isLocal, capacity, feeds } = JSON.parse((await folder.millrace(['cost', FEED, '--json'])).out);
      expect({ isLocal, capacity }).toEqual({ isLocal: true, capacity: { rpu: 8 } });
      expect(feeds).toMatchObject([
        { ...{ feed: FEED, batches: 1, rows: 1, loads: 1, wakeUps: 1, missing: [] }, month: null },
      ]);
      const [{ amounts, parts }] = feeds;
      // The warehouse of the first load is prepared: SubmitLoad is called twice.
      expect(amounts).toMatchObject({ executions: 3, invocations: 9, traces: 3 });
      expect(amounts.lambdaGbSeconds).toBeGreaterThan(0);
      expect(amounts.s3Writes).toBeGreaterThan(8);
      expect(parts.redshift).toBeCloseTo(0.05, 6);
    },
    LONG,
  );

  it(
    'that is paused takes no file up; resumed, it loads what landed meanwhile',
    async () => {
      expect((await folder.millrace(['pause', FEED])).out).toMatch(/^paused reports since /);
      const run = JSON.parse((await drop('two.xml')).out);
      expect(run.feeds[FEED]).toMatchObject({
        batches: 0,
        warnings: [`the feed is paused, so nothing of it starts: npx millrace resume ${FEED}`],
      });
      expect(await status()).toMatchObject({ status: 0, state: 'paused' });
      const { status: ended, out } = await folder.millrace(['resume', FEED]);
      expect(out).toMatch(
        /^resumed reports, paused since .*; extracts 1 landed file\n1 batch: 1 record, 1 row, 0 rejects\nfeed reports is ok; /,
      );
      expect(ended).toBe(0);
      expect(await folder.query(IDS)).toEqual([{ id: 1 }, { id: 2 }]);
    },
    LONG,
  );

  it(
    'whose file it could not read is told what to type, and reads it by the mended feed',
    async () => {
      expect((await drop('other.xml')).status).toBe(1);
      const parked = await status();
      expect(parked).toMatchObject({
        ...{ status: 1, state: 'parked' },
        parked: { count: 1, oldest: { error: 'DocumentMismatch' } },
        next: expect.stringMatching(/npx millrace redrive reports f-[0-9a-f]{32}$/),
      });
      const again = await folder.millrace(['redrive', FEED]);
      expect(again.out).toMatch(
        /is extracted again; it was parked by DocumentMismatch: .*\nfeed reports is parked: /,
      );
      expect(again.status).toBe(1);
      folder.write(`feeds/${FEED}.yaml`, feedOf('/works/report'));
      const { status: ended, out } = await folder.millrace(['redrive', FEED, parked.parked.oldest.batch]);
      expect(out).toMatch(/\n1 batch: 1 record, 1 row, 0 rejects\nfeed reports is ok; /);
      expect(ended).toBe(0);
      expect(await folder.query(IDS)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
      expect(await status()).toMatchObject({ status: 0, state: 'ok', parked: { count: 0 } });
    },
    LONG,
  );
});

describe('a cloud that serves', () => {
  it(
    'is asked and told by the same verbs',
    async () => {
      const serving = folder.start(['run', '--json', '--feed', FEED]);
      await new Promise<void>((resolve) => serving.child.stdout?.once('data', () => resolve()));
      expect(await status()).toMatchObject({ status: 0, state: 'ok', rowsAsOf: expect.any(String) });
      expect((await folder.millrace(['pause', FEED])).status).toBe(0);
      expect(await status()).toMatchObject({ state: 'paused' });
      expect((await folder.millrace(['resume', FEED])).out).toContain(
        'see what comes of it: npx millrace status reports\n',
      );
      expect((await folder.millrace(['trigger', FEED])).out).toContain(
        'each landed file of reports is read already',
      );
      expect(await status()).toMatchObject({ state: 'ok' });
      serving.child.kill('SIGINT');
      expect((await serving.ended).status).toBe(130);
    },
    LONG,
  );
});
