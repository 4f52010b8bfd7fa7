import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, openFolder, type RunDocument } from './support/folder.ts';
import { readKeptS3 } from './support/kept-s3.ts';

/** A feed that loads by the hour, by the command as a user has it: nobody waits an hour for a run. */

const LONG = 300_000;
const FEED = `feed: readings
source: { s3: {} }
tables:
  plant.readings:
    rows: /plant/reading
    disposition: merge
    key: [meter]
    columns: { meter: varchar(16) <- @meter }
load: { every: 1h }
`;

let folder: Folder;
let report: RunDocument & { readonly status: number | null };

beforeAll(async () => {
  folder = openFolder();
  folder.write('feeds/readings.yaml', FEED);
  const names = ['a', 'b', 'c'].map((name) => {
    folder.write(`${name}.xml`, `<plant><reading meter="${name}"/></plant>`);
    return `${name}.xml`;
  });
  report = await folder.run(names.flatMap((name) => ['--file', `readings=${name}`]));
}, LONG);
afterAll(() => folder.remove());

describe('a run of a feed with a cadence', () => {
  it('ends with all of it loaded, by one load', async () => {
    expect(report).toMatchObject({ status: 0, ok: true, failures: [], warehouse: { loads: 1, wakeUps: 1 } });
    expect(report.feeds.readings).toMatchObject({ batches: 3, tables: { 'plant.readings': { rows: 3 } } });
    const { keys } = await readKeptS3(join(folder.path, '.millrace'));
    expect(keys.filter((key) => /^loads\/readings\/\d{4}\/\d\d\/\d\d\/\d+\.json$/.test(key))).toHaveLength(1);
    expect(keys.filter((key) => key.startsWith('pending/'))).toEqual([]);
  });
});
