import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { type KeptS3, readKeptS3 } from './support/kept-s3.ts';
import { type ServedFolder, serveFolder } from './support/served-folder.ts';

/** Files that somebody drops, by the command as a user has it. */

const LONG = 300_000;
const FEED = `feed: readings
source: { s3: {} }
tables:
  plant.readings:
    rows: /plant/reading
    disposition: merge
    key: [meter]
    columns:
      meter: varchar(16) <- @meter
      value: decimal(10,2) <- .
      plant: varchar(64) <- /plant/@name
`;

const plant = (name: string, readings: Readonly<Record<string, string>>): string =>
  `<plant name="${name}">${Object.entries(readings)
    .map(([meter, value]) => `\n  <reading meter="${meter}">${value}</reading>`)
    .join('')}\n</plant>`;

/** Each with what does not compress, so that the file is over the least `splitBytes`. */
const METERS = 40_000;
const sealOf = (n: number): string => createHash('sha256').update(String(n)).digest('hex');
const LARGE = Array.from(
  { length: METERS },
  (_, n) => `<reading meter="m${n}" seal="${sealOf(n)}">${n}.25</reading>`,
);

let folder: Folder;
const runs: (RunDocument & { readonly status: number | null })[] = [];
let kept: KeptS3;
let served: ServedFolder;

const drop = async (...names: readonly string[]) => {
  const report = await served.run(names.flatMap((name) => ['--file', `readings=${name}`]));
  runs.push(report);
};

beforeAll(async () => {
  folder = openFolder();
  served = serveFolder(folder);
  folder.write('feeds/readings.yaml', FEED);
  folder.write('plain.xml', plant('A', { a1: '1', a2: '2' }));
  folder.write('packed.xml.gz', gzipSync(plant('B', { b1: '1.5' })));
  folder.write('März + 1 (a&b) %41.xml.zst', zstdCompressSync(plant('C', { c1: '3' })));
  folder.write('broken.xml', plant('D', { d1: '4' }).replace('</reading>', '</read>'));
  folder.write('cut.xml.gz', gzipSync(plant('E', { e1: '5', e2: '6' })).subarray(0, -30));
  await drop('plain.xml', 'packed.xml.gz', 'März + 1 (a&b) %41.xml.zst', 'broken.xml', 'cut.xml.gz');
  folder.write('good.xml', plant('D', { d1: '4', b1: '15.5', z1: 'many' }));
  await drop('plain.xml', 'good.xml');
  folder.write('broken.xml', plant('D', { d1: '4' }));
  await drop('broken.xml');
  await served.close();
  folder.write(
    'feeds/large.yaml',
    FEED.replace('readings\nsource: { s3: {} }', 'large\nsource: { s3: { splitBytes: 1MiB } }').replace(
      'plant.readings',
      'plant.large',
    ),
  );
  folder.write('large.xml.gz', gzipSync(`<plant name="L">${LARGE.join('\n')}</plant>`));
  runs.push(await folder.run(['--file', 'large=large.xml.gz']));
  kept = await readKeptS3(join(folder.path, '.millrace'));
}, LONG);
afterAll(() => folder.remove());

describe('files dropped for a feed', () => {
  it('are loaded, each as a batch, plain or compressed, whatever their names', () => {
    expect(runs[0]?.feeds.readings).toMatchObject({
      batches: 3,
      records: 4,
      tables: { 'plant.readings': { rows: 4, staged: 4, inserted: 4, updated: 0, deleted: 0 } },
    });
    expect(kept.keys).toContain('landing/readings/März + 1 (a&b) %41.xml.zst');
  });

  it('are parked when they are broken, and told of with key, line and column; the others are loaded', () => {
    const [first] = runs;
    expect([first?.status, first?.ok]).toEqual([1, false]);
    const failures = [...(first?.failures ?? [])].sort((a, b) => (a.message < b.message ? -1 : 1));
    expect(failures).toEqual([
      {
        feed: 'readings',
        batch: expect.stringMatching(/^f-[0-9a-f]{32}$/),
        state: 'ExtractSlice',
        error: 'XmlMalformed',
        message: expect.stringMatching(
          /^s3:\/\/[^/]+\/landing\/readings\/broken\.xml.*: unexpected close tag, expected <\/reading> at line 2, column \d+$/,
        ),
      },
      {
        feed: 'readings',
        batch: expect.stringMatching(/^f-[0-9a-f]{32}$/),
        state: 'ExtractSlice',
        error: expect.stringMatching(/^(SourceTruncated|XmlMalformed)$/),
        message: expect.stringMatching(/^s3:\/\/[^/]+\/landing\/readings\/cut\.xml\.gz/),
      },
    ]);
    const parked = kept.keys.filter((key) => key.startsWith('parked/readings/'));
    expect(parked.sort()).toEqual(failures.map(({ batch }) => `parked/readings/${batch}.json`).sort());
    expect(kept.openUploads).toEqual([]);
  });

  it('settle the parked note of their key when they are dropped mended, and no other', () => {
    expect(runs[2]).toMatchObject({ status: 0, ok: true });
    expect(runs[2]?.feeds.readings?.warnings).toEqual([
      expect.stringMatching(/^batch f-.* is parked since .*cut\.xml\.gz/),
      expect.stringMatching(
        /^parked batch f-.* is superseded: a newer version of landing\/readings\/broken\.xml is loaded$/,
      ),
    ]);
  });

  it('are each a new version when they are dropped again, and a newer one counts', async () => {
    expect(runs[1]).toMatchObject({ status: 0, ok: true, failures: [] });
    expect(runs[1]?.feeds.readings).toMatchObject({
      batches: 2,
      records: 5,
      rejects: 1,
      warnings: [
        expect.stringMatching(/^1 row was rejected/),
        expect.stringMatching(/^batch f-.* is parked since .*; see ExtractFailed in docs/),
        expect.stringMatching(/^batch f-.* is parked since .*; see ExtractFailed in docs/),
      ],
    });
    expect(await folder.query('SELECT meter, value, plant FROM plant.readings ORDER BY meter')).toEqual([
      { meter: 'a1', value: '1.00', plant: 'A' },
      { meter: 'a2', value: '2.00', plant: 'A' },
      { meter: 'b1', value: '15.50', plant: 'D' },
      { meter: 'c1', value: '3.00', plant: 'C' },
      { meter: 'd1', value: '4.00', plant: 'D' },
    ]);
  });

  it('have their rejected rows told afterwards, when no cloud runs', async () => {
    const { status, out } = await folder.millrace(['rejects', 'readings', '--json']);
    const { rejects, more } = JSON.parse(out);
    expect([status, rejects.length, more]).toEqual([0, 1, false]);
    expect(rejects[0]).toMatchObject({
      place: expect.stringMatching(/landing\/readings\/good\.xml$/),
      ...{ state: 'sealed', table: 'plant.readings', line: 4, value: 'many' },
    });
  });
  it(
    'are told of with the values that were rejected, by name and place',
    async () => {
      folder.write('doubtful.xml', plant('F', { f1: 'soon', a1: '1' }));
      const { out, status } = await folder.millrace(['run', '--once', '--file', 'readings=doubtful.xml']);
      expect(status).toBe(0);
      expect(out).toMatch(
        /rejected {2}plant\.readings at s3:\S+doubtful\.xml\S* line 2, column \d+: value <- \.: "soon" is not/,
      );
      expect(out).toMatch(/all of them: npx millrace rejects readings --batch f-[0-9a-f]+/);
    },
    LONG,
  );
  it('are expanded where they are large and compressed, and read in ranges', async () => {
    expect(runs[3]).toMatchObject({ status: 0, ok: true, failures: [] });
    expect(runs[3]?.feeds.large).toMatchObject({ batches: 1, records: METERS, warnings: [] });
    expect(kept.keys.filter((key) => key.includes('/_expanded/'))).toHaveLength(1);
    expect(kept.keys.filter((key) => /^slices\/large\/.*\/00001-00000-00000\.json$/.test(key))).toHaveLength(
      1,
    );
    expect(await folder.query('SELECT count(*) AS n, sum(value) AS total FROM plant.large')).toEqual([
      { n: METERS, total: ((METERS * (METERS - 1)) / 2 + METERS / 4).toFixed(2) },
    ]);
  });
});
