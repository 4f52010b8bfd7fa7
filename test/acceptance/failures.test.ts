import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Catalogue, SHELF_COLUMNS, shelfFeed, shelfRows, startCatalogue } from './support/catalogue.ts';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { type KeptS3, readKeptS3 } from './support/kept-s3.ts';
import { SHELF_FAILURES } from './support/shelf-failures.ts';

const LONG = 400_000;
const SHELVES = Object.keys(SHELF_FAILURES);
const AT = ['--at', '2026-10-01T00:00:00Z'];

let folder: Folder;
let catalogue: Catalogue;
let failed: RunDocument & { readonly status: number | null };
let kept: KeptS3;

beforeAll(async () => {
  folder = openFolder();
  catalogue = await startCatalogue(
    Object.fromEntries(Object.entries(SHELF_FAILURES).map(([shelf, { does }]) => [shelf, does])),
  );
  const write = (shelf: string, more = {}) =>
    folder.write(`feeds/${shelf}.yaml`, shelfFeed(shelf, `${catalogue.origin}/${shelf}`, more));
  for (const [shelf, failure] of Object.entries(SHELF_FAILURES)) write(shelf, failure);
  write('healthy');
  failed = await folder.run(AT);
  kept = await readKeptS3(join(folder.path, '.millrace'));
}, LONG);
afterAll(async () => {
  await catalogue.close();
  folder.remove();
});

describe('a run with one healthy feed and many whose source fails on page 3 of 7', () => {
  it('ends with status 1 and tells of each failing feed once', () => {
    expect(failed.status).toBe(1);
    expect(failed.ok).toBe(false);
    expect(failed.failures.map(({ feed }) => feed).sort()).toEqual([...SHELVES].sort());
  });

  it.each(SHELVES)('says of %s what, which URL, which page and where in it', (shelf) => {
    const failure = failed.failures.find(({ feed }) => feed === shelf);
    const expected = SHELF_FAILURES[shelf];
    expect(failure).toMatchObject({ feed: shelf, batch: 'w-20260101T000000000Z', state: expected?.state });
    expect(`${failure?.error}: ${failure?.message}`).toMatch(new RegExp(`^${expected?.error}: `));
    for (const pattern of expected?.says ?? []) expect(failure?.message).toMatch(pattern);
  });

  it('loads the healthy feed whole', async () => {
    expect(failed.feeds.healthy).toMatchObject({
      batches: 1,
      records: 21,
      rejects: 0,
      warnings: [],
      tables: { 'shelves.healthy': { rows: 21, staged: 21, inserted: 21, updated: 0, deleted: 0 } },
    });
    expect(await rowsOf('healthy')).toEqual(shelfRows);
  });

  it('seals nothing of the others, and leaves no multipart upload open', () => {
    const sealed = kept.keys.filter((key) => /^(batches|pending|parked)\//.test(key));
    expect(sealed).toEqual([expect.stringMatching(/^batches\/healthy\//)]);
    expect(kept.openUploads).toEqual([]);
    expect(kept.keys.filter((key) => key.startsWith('leases/'))).toEqual([]);
    for (const shelf of SHELVES) expect(failed.feeds[shelf]).toMatchObject({ batches: 0, records: 0 });
  });

  it(
    'loads every feed exactly in the next run, once the sources are mended',
    async () => {
      catalogue.mend();
      const next = await folder.run(AT);
      expect(next).toMatchObject({ status: 0, ok: true, failures: [] });
      const all = SHELVES.map(
        (shelf) => `SELECT '${shelf}' AS shelf, ${SHELF_COLUMNS} FROM shelves.${shelf}`,
      ).join(' UNION ALL ');
      const rows = await folder.query(`${all} ORDER BY shelf, pages`);
      for (const shelf of SHELVES) {
        const own = rows.filter((row) => row.shelf === shelf).map(({ shelf: _, ...row }) => row);
        expect(own, shelf).toEqual(shelfRows);
      }
    },
    LONG,
  );
});

const rowsOf = (shelf: string) =>
  folder.query(`SELECT ${SHELF_COLUMNS} FROM shelves.${shelf} ORDER BY pages`);
