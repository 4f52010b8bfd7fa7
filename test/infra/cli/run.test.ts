import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../infra/cli/command-io.ts';
import { runFeeds } from '../../../infra/cli/run-feeds.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';
import { failedExecution, fakeBatch, fakeFeed, fakeParts, fakeWorld } from './fake-session.ts';
import { files, scheduled, startRun as start, toArguments } from './start-run.ts';

const FILE = import.meta.filename;
const sealOne = (world: ReturnType<typeof fakeWorld>): void => {
  world.objects.set('batches/items/2026/01/15/w-2.json', toRecordText(fakeBatch(scheduled, 'w-2')));
  world.ledger = [['w-2', 'seal', 'ewm.items', 'k', '5', '1', '0', '3', '1', '0', '1']];
};

describe('run', () => {
  it('fires every feed: by its schedule, by an event where it has none, and nothing for files', async () => {
    const { world, status } = await start('--once --at 2026-01-15T08:00:00Z');
    expect(status).toBe(0);
    expect(world.asked).toEqual([
      'fire schedule-of-items 2026-01-15T08:00:00.000Z',
      'event Continue {"feed":"other","scheduledTime":"2026-01-15T08:00:00.000Z","generation":0,"correlation":"other-2026-01-15T08:00:00.000Z"}',
    ]);
    expect([world.isServing, world.isClosed]).toEqual([false, true]);
  });

  it('lands files, and works on the feeds named alone', async () => {
    const { world } = await start(`--once --file files=${FILE}`);
    expect(world.asked).toEqual([`upload landing/files/run.test.ts ${FILE}`]);
  });

  it('lands files and fires the feeds named beside them', async () => {
    const { world } = await start(`--once --file files=${FILE} --feed items --at 2026-01-15T08:00:00Z`);
    expect(world.asked).toEqual([
      `upload landing/files/run.test.ts ${FILE}`,
      'fire schedule-of-items 2026-01-15T08:00:00.000Z',
    ]);
  });

  it('lands the files of one feed in different seconds, so that the last one counts', async () => {
    const more = fakeFeed('more', 's3');
    const paths = ['run', 'warnings', 'demo'].map((name) => FILE.replace('run.test', `${name}.test`));
    const line = [...paths.map((path) => `files=${path}`), `more=${FILE}`].map((file) => `--file ${file}`);
    const { world } = await start(`--once ${line.join(' ')}`, { feeds: [files, more] });
    const toTime = (at: number) => new Date(at).toISOString().slice(11, 19);
    expect([...world.lastModified].map(([key, at]) => [key, toTime(at)])).toEqual([
      ['landing/files/run.test.ts', '07:59:58'],
      ['landing/files/warnings.test.ts', '07:59:59'],
      ['landing/files/demo.test.ts', '08:00:00'],
      ['landing/more/run.test.ts', '08:00:00'],
    ]);
  });

  it('prints one JSON document, and nothing else, on stdout', async () => {
    const world = fakeWorld();
    world.objects.set('batches/items/2026/01/14/w-1.json', 'loaded before');
    world.work = () => sealOne(world);
    const { io, status } = await start('--once --json --feed items', { world });
    expect(status).toBe(0);
    expect(io.err()).toBe('');
    expect(JSON.parse(io.out())).toEqual({
      ok: true,
      feeds: {
        items: {
          batches: 1,
          records: 5,
          rejects: 1,
          bytes: 1000,
          warnings: ['column x matched nothing'],
          tables: { 'ewm.items': { rows: 7, staged: 5, inserted: 3, updated: 1, deleted: 0 } },
        },
      },
      failures: [],
      warehouse: { loads: 0, wakeUps: 0 },
      seconds: expect.closeTo(60, -1),
    });
  });

  it('starts the load of what an earlier run sealed and did not load, and counts it', async () => {
    const world = fakeWorld();
    sealOne(world);
    world.objects.set('pending/items/w-2', '{}');
    world.work = () => world.objects.delete('pending/items/w-2');
    const { io } = await start('--once --json --feed items', { world });
    expect(world.asked[0]).toBe('event LoadNext {"feed":"items"}');
    expect(JSON.parse(io.out())).toMatchObject({ ok: true, feeds: { items: { batches: 1 } } });
  });

  it('does not wait for a cadence: when all is sealed, the load schedules of what waits fire once', async () => {
    const world = fakeWorld();
    const paced = { ...scheduled, load: { everyMs: 3_600_000 } };
    const idle = { ...files, load: { everyMs: 3_600_000 } };
    let waits = 0;
    world.work = () => {
      waits += 1;
      if (waits === 2) world.objects.delete('pending/items/w-2');
      if (waits > 1) return;
      sealOne(world);
      world.objects.set('pending/items/w-2', '{}');
    };
    const { status } = await start('--once --at 2026-01-15T08:00:00Z', { world, feeds: [paced, idle] });
    expect(status).toBe(0);
    expect(world.asked).toEqual([
      'fire schedule-of-items 2026-01-15T08:00:00.000Z',
      expect.stringMatching(/^fire loads-of-items /),
    ]);
  });

  it('fails while a sealed batch is not loaded, though nothing is under way', async () => {
    const world = fakeWorld();
    world.work = () => {
      sealOne(world);
      world.objects.set('pending/items/w-2', '{}');
      world.objects.set('pending/items/w-3', '{}');
    };
    const { io, status } = await start('--once --json --feed items', { world });
    expect(status).toBe(1);
    expect(JSON.parse(io.out()).failures).toMatchObject([
      { feed: 'items', batch: 'w-2', state: 'Load', error: 'NotLoaded' },
    ]);
  });

  it('ends with 1 and says what failed', async () => {
    const world = fakeWorld();
    world.work = () => {
      world.executions.push(
        failedExecution({ error: 'SourceRefused', cause: 'status 404', failedState: 'ExtractSlice' }),
      );
    };
    const { io, status } = await start('--once', { world });
    expect(status).toBe(1);
    expect(io.out()).toContain('✗ items ExtractSlice  SourceRefused: status 404');
    expect(io.out()).toMatch(
      /\n1 of 3 feeds failed in [\d.]+ s\nnext: .*ExtractFailed.*; then npx millrace run --feed items --once\n$/,
    );
    const json = await start('--once --json', { world: { ...world, executions: [] } });
    expect(JSON.parse(json.io.out()).ok).toBe(true);
  });

  it('names the landed file that failed for people; the JSON has its batch alone', async () => {
    const cause = JSON.stringify({
      errorMessage: 'line 3',
      feed: 'files',
      batch: 'f-1',
      state: 'ExtractSlice',
    });
    const input = JSON.stringify({ detail: { object: { key: 'landing/files/a.xml' } } });
    const failing = () => {
      const world = fakeWorld();
      world.work = () => {
        world.executions.push(failedExecution({ error: 'XmlMalformed', cause, input }));
      };
      return world;
    };
    expect((await start('--once', { world: failing() })).io.out()).toContain(
      '✗ files landing/files/a.xml ExtractSlice  XmlMalformed: line 3',
    );
    const json = await start('--once --json', { world: failing() });
    expect(JSON.parse(json.io.out()).failures).toEqual([
      { feed: 'files', batch: 'f-1', state: 'ExtractSlice', error: 'XmlMalformed', message: 'line 3' },
    ]);
  });

  it('tells a missing secret before it synthesizes, for the feeds that it works on alone', async () => {
    if (scheduled.source.kind !== 'http') throw new Error('it reads http');
    const source = { ...scheduled.source, auth: { kind: 'basic' as const, secret: 'jazz' } };
    const feeds = [{ ...scheduled, source }, files];
    const world = fakeWorld();
    await expect(start('--once --feed items', { world, feeds })).rejects.toThrow(
      'feed items: auth basic needs secret "jazz", and it is not there; type npx millrace secret set jazz, or put {"jazz":{"username":"…","password":"…"}} into /nowhere/.millrace/secrets.json',
    );
    expect(world.folder).toEqual([]);
    const io = fakeIo({ env: { MILLRACE_SECRETS: '{"jazz":{}}' } });
    expect((await start('--once --feed items', { io, feeds })).status).toBe(0);
    expect((await start(`--once --file files=${FILE}`, { feeds })).status).toBe(0);
  });

  it('says of tables whose batches are not in the ledger that they are not loaded, to people', async () => {
    const sealing = (loaded: readonly string[], ...batches: readonly string[]) => {
      const world = fakeWorld();
      world.work = () => {
        for (const batch of batches)
          world.objects.set(
            `batches/items/2026/01/15/${batch}.json`,
            toRecordText(fakeBatch(scheduled, batch)),
          );
        world.ledger = loaded.map((batch) => [
          batch,
          's',
          'ewm.items',
          'k',
          '5',
          '5',
          '0',
          '0',
          '0',
          '0',
          '1',
        ]);
      };
      return world;
    };
    const tell = async (world: ReturnType<typeof fakeWorld>) =>
      (await start('--once --feed items', { world })).io.out();
    expect(await tell(sealing([], 'w-2'))).toContain('    ewm.items  7 rows  not loaded\n');
    expect(await tell(sealing(['w-2'], 'w-2', 'w-3'))).toContain('7 rows  1 of 2 batches not loaded\n');
    expect(await tell(sealing(['w-2'], 'w-2'))).toContain('7 rows  unchanged\n');
    const json = await start('--once --json --feed items', { world: sealing([], 'w-2') });
    expect(JSON.parse(json.io.out()).feeds.items).not.toHaveProperty('notLoaded');
  });

  it('says of a batch without rows, which no load has, that nothing changed', async () => {
    const world = fakeWorld();
    const empty = { ...fakeBatch(scheduled, 'w-2'), records: 0, rejects: { rows: 0, parts: [] } };
    world.work = () => void world.objects.set('batches/items/2026/01/15/w-2.json', toRecordText(empty));
    const { io } = await start('--once --feed items', { world });
    expect(io.out()).toContain('ewm.items  7 rows  unchanged\n');
  });

  it('says what it did for people', async () => {
    const world = fakeWorld();
    world.work = () => sealOne(world);
    const { io } = await start('--once --feed items', { world });
    expect(io.out()).toContain('items  1 batch, 5 records, 1 reject, 1000 B of XML');
    expect(io.out()).toContain('ewm.items  7 rows  3 inserted, 1 updated');
    expect(io.out()).toMatch(/3 inserted, 1 updated\n {2}note {2}items: column x matched nothing\ndone in/);
  });

  it('fires nothing and says nothing on stdout when it was interrupted while the cloud started', async () => {
    const io = fakeIo();
    const world = fakeWorld();
    const parts = fakeParts(world, [scheduled]);
    const startCloud: typeof parts.startCloud = (options) => {
      io.interrupt();
      return parts.startCloud(options);
    };
    await expect(runFeeds(toArguments('--once --json'), io, { ...parts, startCloud })).rejects.toThrow(
      'interrupted',
    );
    expect([world.asked, io.out(), world.isClosed]).toEqual([[], '', true]);
  });

  it('shows loads and wake-ups of what the run asked the warehouse for', async () => {
    const at = (ms: number, name?: string) => {
      const createdMs = Date.parse('2026-01-15T08:00:00.700Z') + ms;
      return { name, createdMs, updatedMs: createdMs + 1000 };
    };
    const asked = () => {
      const world = fakeWorld();
      world.statements = [
        at(-90_000, 'millrace/items/2026/01/15/00001/1'),
        at(0),
        at(100, 'millrace/items/2026/01/15/00002/1'),
        at(61_000, 'millrace/items/2026/01/15/00002/2'),
        at(122_001, 'millrace/items/2026/01/15/00003/1'),
      ];
      return world;
    };
    const json = await start('--once --json --feed items', { world: asked() });
    expect(JSON.parse(json.io.out()).warehouse).toEqual({ loads: 2, wakeUps: 2 });
    const { io } = await start('--once --feed items', { world: asked() });
    expect(io.out()).toMatch(/\n {2}2 loads, 2 wake-ups of a Serverless warehouse\ndone in /);
  });

  it('has the data folder to itself from before it synthesizes until its cloud is closed', async () => {
    const { world } = await start('--once --data d');
    expect(world.folder).toEqual(['lock /nowhere/d', 'synthesize', 'start', 'close', 'unlock']);
  });

  it('leaves the folder free when the cloud does not start', async () => {
    const world = fakeWorld();
    const fail = async (): Promise<never> => {
      throw new Error('no port is free');
    };
    const parts = { ...fakeParts(world, [files]), startCloud: fail };
    await expect(runFeeds(toArguments('--once'), fakeIo(), parts)).rejects.toThrow('no port is free');
    expect(world.folder).toEqual(['lock /nowhere/.millrace', 'synthesize', 'unlock']);
  });

  it('says one line of a feed that nothing was done for', async () => {
    const { io } = await start('--once --feed items');
    expect(io.out()).toMatch(/^ {2}items {2}nothing new\ndone in [\d.]+ s\n$/);
  });

  it('says since when a document is unchanged, in both reports', async () => {
    const unchanged = () => {
      const world = fakeWorld();
      const put = (day: string, since: string) =>
        world.objects.set(
          `unchanged/items/2026/01/${day}/s-202601${day}T000000000Z.json`,
          toRecordText({ invocation: 'i', at: '2026-01-15T08:00:00.000Z', since, definition: 'd' }),
        );
      put('14', 's-old');
      world.work = () => void put('15', 's-20260101T000000000Z');
      return world;
    };
    const { io } = await start('--once --feed items', { world: unchanged() });
    expect(io.out()).toMatch(/^ {2}items {2}unchanged since s-20260101T000000000Z\ndone in [\d.]+ s\n$/);
    const json = await start('--once --json --feed items', { world: unchanged() });
    expect(JSON.parse(json.io.out())).toMatchObject({
      ok: true,
      feeds: { items: { batches: 0, warnings: [], unchangedSince: 's-20260101T000000000Z' } },
    });
  });

  it('says on stderr, where nobody sees it move, what it begins and what it is done with', async () => {
    const { io } = await start('--once --feed items');
    expect(io.err().split('\n')).toEqual([
      'synthesizing the CDK app',
      expect.stringMatching(/^synthesizing the CDK app: done in \d+ ms$/),
      'starting what was synthesized',
      expect.stringMatching(/^starting what was synthesized: done in \d+ ms$/),
      'extracting and loading',
      expect.stringMatching(/^extracting and loading: done in \d+ ms$/),
      '',
    ]);
    const terminal = fakeIo({ isTTY: true });
    await start('--once --feed items', { io: terminal });
    expect(terminal.err()).toBe('');
    expect(terminal.out()).toContain('… extracting and loading');
  });

  it('goes on serving until it is interrupted', async () => {
    const world = fakeWorld();
    const io: FakeIo = fakeIo();
    const running = start('', { io, world });
    await expect.poll(() => world.isServing).toBe(true);
    io.interrupt();
    await expect(running).rejects.toThrow('interrupted');
    expect(world.isClosed).toBe(true);
  });

  it('serves no longer once the cloud has failed, and says why', async () => {
    const world = fakeWorld();
    const running = start('', { world });
    await expect.poll(() => world.isServing).toBe(true);
    world.failure.resolve(new Error('s3/process.ts ended with SIGKILL'));
    await expect(running).rejects.toThrow('s3/process.ts ended with SIGKILL');
    expect(world.isClosed).toBe(true);
  });

  it.each([
    ['--once --feed itmes', 'no feed itmes, did you mean items?; there are items, other, files'],
    ['--once --at yesterday', '--at takes a time with its offset'],
    ['--once --at 2026-01-15T08:00:00', '--at takes a time with its offset'],
    ['--once --file files', '--file takes FEED=PATH, got "files"'],
    ['--once --file files=/nowhere/d.txt', 'd.txt ends in none of .xml .ts, the suffixes of feed files'],
    [
      `--once --file items=${FILE}`,
      'items reads http, and files are for feeds with source s3: {}; what fires it: npx millrace run --feed items --once',
    ],
    ['--once --file files=/nowhere/x.xml', '/nowhere/x.xml is not there: tried /nowhere/x.xml'],
    ['--once --file files=x.xml', 'x.xml is not there: tried /nowhere/x.xml'],
    [`--once --data ${FILE}`, `--data ${FILE} is a file, allowed a folder: tried ${FILE}`],
    [`--once --data ${FILE}/data`, `--data ${FILE}/data lies below a file, allowed a folder`],
    ['--once --secrets /nowhere/s.json', '--secrets /nowhere/s.json is not there: tried /nowhere/s.json'],
  ])('refuses %s', async (line, message) => {
    const world = fakeWorld();
    const failure = start(line, { world });
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
    expect(world.asked).toEqual([]);
  });
});
