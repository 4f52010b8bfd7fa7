import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished, test as plain } from 'vitest';
import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import { openLocal } from '../../../infra/cli/deployment/open-deployment.ts';
import { openJournal } from '../../../infra/local/executions/journal.ts';
import { openJournal as openStatements } from '../../../infra/local/redshift/statement-store.ts';
import { openDatabase } from '../../../infra/local/s3/database.ts';
import { openStore } from '../../../infra/local/s3/store.ts';
import { lockFolder } from '../../../infra/local/take-lock.ts';
import { TerminalError } from '../../../shared/errors.ts';
import { startWarehouse } from './redshift/start-warehouse.ts';

const test = plain.extend<{ data: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what a fixture needs
  data: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'damaged-'));
    for (const folder of ['s3/blobs', 'redshift']) mkdirSync(join(data, folder), { recursive: true });
    onTestFinished(() => rmSync(data, { recursive: true }));
    await use(data);
  },
});

interface Opened {
  close(): void;
}

/** Each file of SQLite in a data folder, how it is opened, and whether another file tells that it was there. */
const FILES: readonly (readonly [string, (path: string) => Opened, boolean])[] = [
  ['s3/index.sqlite', openDatabase, true],
  ['journal.sqlite', openJournal, true],
  ['redshift/statements.sqlite', makeTable, false],
];

/** The store makes the tables of its journal; any will do. */
function makeTable(path: string): Opened {
  const database = openStatements(path);
  database.exec('CREATE TABLE IF NOT EXISTS t (a TEXT)');
  return database;
}

const DAMAGES: readonly (readonly [string, (path: string) => void])[] = [
  ['cut', (path) => truncateSync(path, 4096)],
  ['cut in its last page', (path) => truncateSync(path, statSync(path).size - 100)],
  ['overwritten at its head', (path) => overwrite(path, 0)],
  ['overwritten in a page', (path) => overwrite(path, 4096)],
];

const overwrite = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill('damaged ', at, at + 2048));
};

const everyFileIn = FILES.flatMap(([file, open]) =>
  DAMAGES.map(([how, damage]) => ({ file, open, how, damage })),
);

/** Asks the warehouse of a folder at rest. */
const query = async (data: string) => {
  const { signal } = new AbortController();
  return (await openLocal(data, { signal, clock: systemClock })).query('SELECT 1');
};

test.for(everyFileIn)(
  '$file that was $how is refused by its name',
  ({ file, open, damage }, { data, expect }) => {
    // Both may be new only where what is made after them is not there yet.
    const path = join(data, file);
    rmSync(join(data, 's3/blobs'), { recursive: true });
    if (file === 'journal.sqlite') rmSync(join(data, 's3'), { recursive: true });
    open(path).close();
    damage(path);
    const reopen = (): unknown => open(path);
    expect(reopen).toThrow(TerminalError);
    expect(reopen).toThrow(`the data folder is damaged: ${path} is no whole SQLite database`);
    expect(reopen).toThrow(`mv '${data}' '${data}.damaged'`);
    expect(reopen).not.toThrow(/\n/);
  },
);

test.for(FILES.filter(([, , isTold]) => isTold))(
  '%s that is gone or emptied while its folder is there is refused',
  ([file, open], { data, expect }) => {
    const path = join(data, file);
    expect(() => open(path)).toThrow(`${path} is gone or empty, while`);
    writeFileSync(path, '');
    expect(() => open(path)).toThrow(`${path} is gone or empty, while`);
  },
);

test.for(['redshift', 'redshift/pg', 's3', 's3/blobs'])(
  '%s that is a file is refused by a run and a query, with the way out',
  (name, { data, expect }) => {
    const path = join(data, name);
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, '');
    const words = `the data folder is damaged: ${path} is a file, allowed a folder; nothing was changed`;
    expect(() => lockFolder(data)).toThrow(words);
    expect(() => lockFolder(data)).toThrow(`mv '${data}' '${data}.damaged'`);
    if (name.startsWith('redshift')) return expect(query(data)).rejects.toThrow(words);
    return undefined;
  },
);

test.for(['cdk.out', 'compiled', 'logs', 'traces'])(
  '%s that is a file is refused with the command that removes it: a start makes it again',
  (name, { data, expect }) => {
    const path = join(data, name);
    writeFileSync(path, '');
    expect(() => lockFolder(data)).toThrow(`${path} is a file, allowed a folder; each start makes`);
    expect(() => lockFolder(data)).toThrow(`rm '${path}'`);
    rmSync(path);
    lockFolder(data).release();
  },
);

test('a folder in the place of a file is refused', ({ data, expect }) => {
  mkdirSync(join(data, 'journal.sqlite'));
  expect(() => lockFolder(data)).toThrow(`${join(data, 'journal.sqlite')} is a folder, allowed a file`);
});

/** A store with one object whose bytes are in a file; answers that file. */
const storeOne = async (data: string): Promise<string> => {
  rmSync(join(data, 's3'), { recursive: true });
  const store = openStore(join(data, 's3'), () => undefined);
  const staged = await store.blobs.receive(Readable.from([Buffer.alloc(64 * 1024)]));
  store.commit(() => {
    store.versions.add({
      born: store.tick(),
      bucket: 'b',
      key: 'k',
      version: 'v',
      is_marker: false,
      etag: 'e',
      size: staged.size,
      modified: 0,
      headers: {},
      checksum: null,
      blobs: [store.blobs.keep(staged)],
    });
  });
  store.close();
  return join(data, 's3/blobs', staged.blob.slice(0, 2), staged.blob);
};

test('a bucket whose blobs are gone or cut is refused by the name of the first', async ({ data, expect }) => {
  const path = await storeOne(data);
  const open = (): void => openStore(join(data, 's3'), () => undefined).close();
  open();
  truncateSync(path, 1000);
  expect(open).toThrow(`the data folder is damaged: ${path} has 1000 bytes, the index says 65536`);
  rmSync(path);
  expect(open).toThrow(`the data folder is damaged: ${path} is gone, while the index has its object`);
  rmSync(join(data, 's3/blobs'), { recursive: true });
  expect(open).toThrow(`the data folder is damaged: ${join(data, 's3/blobs')} is gone, while the index`);
  expect(open).toThrow(`mv '${data}' '${data}.damaged'`);
});

test('a start over a warehouse without its database says so in the words for people', async ({
  data,
  expect,
}) => {
  makeTable(join(data, 'redshift/statements.sqlite')).close();
  const start = startWarehouse(join(data, 'redshift'), 'http://127.0.0.1:9');
  const words = new RegExp(
    `^the data folder is damaged: ${join(data, 'redshift/pg')} is gone, while .*; nothing was changed: .*$`,
  );
  await expect(start).rejects.toThrow(words);
  await expect(start).rejects.toThrow(TerminalError);
  await expect(query(data)).rejects.toThrow(words);
});

test('a query names the folder that it looked for', async ({ data, expect }) => {
  const path = join(data, 'other');
  await expect(query(path)).rejects.toThrow(`tried ${join(path, 'redshift')}; run a feed first`);
});
