import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { cancel } from '../../../infra/cli/cancel.ts';
import { skip } from '../../../infra/cli/change-feed.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { dropsFeed, itemsFeed } from '../../handlers/extract/world.ts';
import { sealed } from '../../handlers/load/support/world.ts';
import { fakeIo } from './fake-io.ts';
import { deploymentOf, type, type World } from './memory-deployment.ts';

const PARKED = {
  ...{ feed: 'items', batch: 'w-20260115T070000000Z', invocation: 'i', state: 'Load' },
  ...{ error: 'LoadDataRefused', message: 'numeric overflow\nmore', parkedAt: '2026-01-15T07:30:00.000Z' },
};
const { batch: BATCH } = PARKED;

/** A load of it is settled. */
const load = async ({ records }: World): Promise<void> => {
  const name = { feed: 'items', date: '2026/01/15', load: 1 };
  const [{ contract, seal }, key] = [sealed(1), `batches/items/2026/01/15/${BATCH}.json`];
  const record = {
    ...{ feed: 'items', load: 1, invocation: 'l', execution: 'e', contract },
    ...{ batches: [{ batch: BATCH, key, seal }], plannedAt: '2026-01-15T08:00:00.000Z' },
  };
  await records.putIfAbsent(toKey({ kind: 'load', ...name }), toRecordText(record));
  const settled = { invocation: 'l', outcome: 'loaded', parked: [] };
  await records.putIfAbsent(toKey({ kind: 'settled', ...name }), toRecordText(settled));
  await records.remove(toKey({ kind: 'pending', feed: 'items', batch: BATCH }));
};

/** A window of items that is planned, sealed and parked by its load. */
const park = async ({ records }: World): Promise<void> => {
  const plan = {
    ...{ feed: 'items', batch: BATCH, invocation: 'p', date: '2026/01/15', observed: PARKED.parkedAt },
    ...{ definition: itemsFeed(), slices: [] },
  };
  const seal = { ...sealed(1), feed: 'items', batch: BATCH, observed: PARKED.parkedAt };
  const put = (key: Parameters<typeof toKey>[0], record: object) =>
    records.putIfAbsent(toKey(key), toRecordText(record));
  await put({ kind: 'plan', feed: 'items', batch: BATCH, definition: 'ab' }, plan);
  await put({ kind: 'batch', feed: 'items', date: '2026/01/15', batch: BATCH }, seal);
  await put({ kind: 'parked', feed: 'items', batch: BATCH }, PARKED);
};

describe('status', () => {
  it('says of feeds that never ran what starts them, and ends with 0', async () => {
    const world = deploymentOf();
    const { status, out } = await type(world, 'status');
    expect(status).toBe(0);
    expect(out).toContain('items  never ran\n  next: npx millrace trigger items --data d\n');
    expect(out).toContain(
      'drops  never ran\n  next: land it in landing/drops/: npx millrace run --file drops=FILE --data d --once\n',
    );
    expect(world.state.closed).toBe(1);
  });

  it('copies a file to the cloud that has the folder: no run can take that', async () => {
    const world = deploymentOf();
    Object.assign(world.deployment, { served: { clientFile: 'my d/aws.env', bucket: 'state' } });
    expect((await type(world, 'status', 'drops')).out).toContain(
      "  next: land it in landing/drops/: . 'my d/aws.env'; aws s3 cp FILE s3://state/landing/drops/\n",
    );
  });

  it('says since when and why a batch is parked, what to type, and ends with 1', async () => {
    const world = deploymentOf();
    await park(world);
    const { status, out } = await type(world, 'status', 'items');
    expect(status).toBe(1);
    expect(out.replaceAll(/ +/g, ' ')).toContain('items parked 2026-01-15 07:00Z 0 0 1 0 2026-01-15 08:00Z');
    expect(out).toContain(
      `items  ${BATCH} parked since 2026-01-15 07:30Z: LoadDataRefused: numeric overflow\n`,
    );
    expect(out).toContain(
      `  next: docs/runbook.md, SettleLoadFailed; mend the table in the warehouse; then npx millrace redrive items ${BATCH} --data d\n`,
    );
    expect(out).not.toContain('drops');
  });

  it('says each reason in a line of its own', async () => {
    const world = deploymentOf();
    await park(world);
    await type(world, 'pause', 'items');
    expect((await type(world, 'status', 'items')).out).toMatch(
      /^items {2}\S+ parked since .*: numeric overflow\n {2}paused since \S+ \S+\n {2}next: /m,
    );
  });

  it('is one JSON document', async () => {
    const world = deploymentOf();
    await park(world);
    const { status, out } = await type(world, 'status', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      feeds: [
        { feed: 'drops', state: 'never ran' },
        {
          ...{ feed: 'items', state: 'parked', isDeployed: true, pending: 0 },
          parked: { count: 1, superseded: 0, oldest: { batch: BATCH } },
          next: `docs/runbook.md, SettleLoadFailed; mend the table in the warehouse; then npx millrace redrive items ${BATCH} --data d`,
        },
      ],
    });
  });

  it('refuses a feed that is not there with the nearest one, and shows one that is gone', async () => {
    const world = deploymentOf({ drops: dropsFeed() });
    await expect(type(world, 'status', 'drop')).rejects.toThrow(
      'no feed drop is deployed here, did you mean drops?; there are drops',
    );
    await park(world);
    expect((await type(world, 'status')).out).toMatch(/^items +parked, not deployed /m);
    expect(world.state.closed).toBe(2);
  });
});

describe('runs and batch', () => {
  it('end with 1 where a batch is parked, and lead from one to the other', async () => {
    const world = deploymentOf();
    await park(world);
    const runs = await type(world, 'runs', 'items');
    expect([runs.status, runs.err]).toEqual([1, `next: npx millrace batch ${BATCH} --feed items --data d\n`]);
    expect(runs.out).toContain(BATCH);
    const batch = await type(world, 'batch', BATCH);
    expect([batch.status, batch.err]).toEqual([
      1,
      `next: docs/runbook.md, SettleLoadFailed; mend the table in the warehouse; then npx millrace redrive items ${BATCH} --data d\n`,
    ]);
    expect(batch.out).toContain(
      'parked  2026-01-15T07:30:00.000Z  by Load: LoadDataRefused: numeric overflow',
    );
    expect(JSON.parse((await type(world, 'batch', BATCH, '--json')).out)).toMatchObject({
      ...{ ok: false, feed: 'items', state: 'parked' },
      seal: { records: 1 },
    });
  });

  it('refuse what is not there, and a time that is none', async () => {
    const world = deploymentOf();
    await expect(type(world, 'batch', 'w-1')).rejects.toThrow('no feed has a batch w-1');
    await expect(type(world, 'runs', 'items', '--since', 'long')).rejects.toThrow("--since: got 'long'");
    expect((await type(world, 'runs', 'items')).out).toBe(
      'no batch of feed items was sealed or read in the last 1d\n',
    );
  });
});

describe('redrive', () => {
  it('loads a sealed batch again, and says where to look', async () => {
    const world = deploymentOf();
    await park(world);
    const { status, out } = await type(world, 'redrive', 'items');
    expect([status, out]).toEqual([
      0,
      `${BATCH} is loaded again; it was parked by LoadDataRefused: numeric overflow\nsee what comes of it: npx millrace status items --data d\n`,
    ]);
    expect(world.events.taken).toEqual([{ type: 'LoadNext', detail: { feed: 'items' } }]);
    expect((await type(world, 'redrive', 'items')).out).toMatch(
      /^no batch of feed items waits for somebody\n/,
    );
  });

  it('says how the feed is where it waited, and ends with 1 where that needs a person', async () => {
    const world = deploymentOf(undefined, true);
    await park(world);
    world.deployment.events.put = () => park(world); // the load parks it again
    const { status, out } = await type(world, 'redrive', 'items', BATCH);
    expect(status).toBe(1);
    expect(out).toContain(
      `feed items is parked: ${BATCH} parked since 2026-01-15 07:30Z: LoadDataRefused: numeric overflow; rows as of 2026-01-15T07:00:00.000Z, 1 batch pending\nnext: `,
    );
  });

  it('leaves a batch for good with --skip, where a person says so, until it is asked for again', async () => {
    const world = deploymentOf();
    await park(world);
    const typeSkip = async (...words: readonly string[]) => {
      const io = fakeIo();
      const line = parseCommandLine(['redrive', 'items', BATCH, '--skip', ...words]);
      if (line.kind !== 'verb') throw new Error(line.kind);
      return { status: await skip(line, io, async () => world.deployment), out: io.out() };
    };
    await expect(typeSkip()).rejects.toThrow('There is no terminal to ask on: add --yes');
    expect((await type(world, 'status')).status).toBe(1);
    expect(await typeSkip('--yes')).toEqual({
      status: 0,
      out: `skipped ${BATCH}; to have it after all: npx millrace redrive items ${BATCH} --data d\n`,
    });
    expect((await type(world, 'status')).status).toBe(0);
    expect((await type(world, 'batch', BATCH)).out).toContain(`items ${BATCH}  skipped, covers `);
    expect((await type(world, 'redrive', 'items')).out).toContain(
      `no batch of feed items waits for somebody\n${BATCH} left as it is: skipped; to have it after all: npx millrace redrive items ${BATCH} --data d\n`,
    );
    expect((await type(world, 'redrive', 'items', BATCH)).out).toContain(`${BATCH} is loaded again`);
  });

  it('leaves what a newer batch took the place of, by its name too, and says so', async () => {
    const world = deploymentOf();
    await park(world);
    const record = { ...PARKED, batch: 'k-20260114T000000000Z', error: 'TooManyDeleted' };
    const later = 'k-20260115T000000000Z';
    const put = (key: Parameters<typeof toKey>[0], text: object) =>
      world.records.putIfAbsent(toKey(key), toRecordText(text));
    await put({ kind: 'parked', feed: 'items', batch: record.batch }, record);
    await put(
      { kind: 'batch', feed: 'items', date: '2026/01/15', batch: later },
      sealed(1, { batch: later }),
    );
    const { status, out } = await type(world, 'redrive', 'items');
    expect([status, out.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        `${BATCH} is loaded again; it was parked by LoadDataRefused: numeric overflow`,
        `${record.batch} left as it is: superseded, a newer batch is loaded in its place`,
      ],
    ]);
    expect(await type(world, 'redrive', 'items', record.batch)).toMatchObject({
      status: 0,
      out: `batch ${record.batch} of feed items is superseded: a later comparison is loaded; nothing is left to do\n`,
    });
    expect((await world.records.list('parked/')).keys).toEqual([`parked/items/${record.batch}.json`]);
  });

  it('refuses a batch that is not parked, with those that are', async () => {
    const world = deploymentOf();
    await park(world);
    await expect(type(world, 'redrive', 'items', 'w-1')).rejects.toThrow(
      `feed items has no batch w-1, or it is over 90 days old; parked: ${BATCH}`,
    );
  });

  it('says what became of a batch that another command has taken up, and ends with 0, paused or not', async () => {
    const world = deploymentOf();
    await park(world);
    await type(world, 'redrive', 'items', BATCH);
    const typed = async () => {
      const { status, out } = await type(world, 'redrive', 'items', BATCH);
      return [status, out];
    };
    const told = `batch ${BATCH} of feed items is not parked any more: it`;
    expect(await typed()).toEqual([0, `${told} is sealed and waits for its load; nothing is left to do\n`]);
    await load(world);
    const loaded = `${told} is loaded already, by loads/items/2026/01/15/00001.json at 2026-01-15T08:00:00.000Z`;
    expect(await typed()).toEqual([0, `${loaded}; nothing is left to do\n`]);
    await type(world, 'pause', 'items');
    expect(await typed()).toEqual([0, `${loaded}; nothing is left to do\n`]);
    expect(world.events.taken).toHaveLength(1);
  });

  it('skips nothing that is skipped or loaded already, without asking, and says so', async () => {
    const world = deploymentOf();
    const typeSkip = async (batch = BATCH, ...words: readonly string[]) => {
      const io = fakeIo();
      const line = parseCommandLine(['redrive', 'items', batch, '--skip', ...words]);
      if (line.kind !== 'verb') throw new Error(line.kind);
      return { status: await skip(line, io, async () => world.deployment), out: io.out() };
    };
    await expect(typeSkip()).rejects.toThrow(`no feed has a batch ${BATCH}`);
    await park(world);
    await typeSkip(BATCH, '--yes');
    expect(await typeSkip()).toEqual({
      status: 0,
      out: `batch ${BATCH} of feed items is skipped already; nothing is left to do\n`,
    });
    await type(world, 'redrive', 'items', BATCH);
    const told = `batch ${BATCH} of feed items is not parked any more: it`;
    expect(await typeSkip()).toEqual({
      status: 1,
      out: `${told} is sealed and waits for its load; only a parked batch can be skipped\n`,
    });
    await load(world);
    expect(await typeSkip()).toMatchObject({ status: 0, out: expect.stringContaining(`${told} is loaded`) });
  });
});

describe('a batch that is tried again', () => {
  it('says what it failed of last, how often, and where the rest of the cause is', async () => {
    const world = deploymentOf();
    const { records } = world;
    const plan = {
      ...{ feed: 'items', batch: BATCH, invocation: 'p', date: '2026/01/15', observed: PARKED.parkedAt },
      ...{ definition: itemsFeed(), slices: [] },
    };
    const put = (key: Parameters<typeof toKey>[0], record: object) =>
      records.putIfAbsent(toKey(key), toRecordText(record));
    await put({ kind: 'plan', feed: 'items', batch: BATCH, definition: 'ab' }, plan);
    for (const minute of ['01', '02']) {
      const failedAt = `2026-01-15T07:${minute}:00.000Z`;
      const failure = { feed: 'items', batch: BATCH, invocation: 'i', state: 'SealBatch', failedAt };
      await put(
        { kind: 'failure', feed: 'items', date: '2026/01/15', stamp: `20260115T07${minute}00000Z` },
        { ...failure, error: 'TooManyRejects', message: 'no row is kept\nfirst: a' },
      );
    }
    const { status, out } = await type(world, 'batch', BATCH);
    expect(status).toBe(1);
    expect(out).toContain(
      'failed  2026-01-15T07:02:00.000Z, 2 times in all  in SealBatch: TooManyRejects: no row is kept (all of it: the same with --json)\n',
    );
    expect((await type(world, 'status', 'items')).out).toContain(
      `  next: docs/runbook.md, ExtractFailed; then npx millrace rejects items --batch ${BATCH} --data d; mend the feed; then npx millrace trigger items --data d\n`,
    );
  });
});

describe('backfill --cancel', () => {
  const RANGE = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-09T00:00:00.000Z' };
  const REQUEST = '0123456789ab';
  const typeCancel = async ({ deployment }: World, request: string, ...words: readonly string[]) => {
    const io = fakeIo();
    const line = parseCommandLine(['backfill', 'items', '--cancel', request, ...words]);
    if (line.kind !== 'verb') throw new Error(line.kind);
    return { status: await cancel(line, io, async () => deployment), out: io.out() };
  };
  const ask = async (world: World): Promise<void> => {
    const record = { ...RANGE, feed: 'items', request: REQUEST, invocation: 'i', asked: RANGE.to };
    const key = toKey({ kind: 'backfill', feed: 'items', request: REQUEST });
    await world.records.putIfAbsent(key, toRecordText(record));
  };

  it('gives up the range that status names, says what stays and what has the rest after all', async () => {
    const world = deploymentOf();
    await ask(world);
    expect((await type(world, 'status', 'items')).out).toContain(
      `, nothing sealed; to give it up: npx millrace backfill items --cancel ${REQUEST} --data d\n`,
    );
    expect(await typeCancel(world, REQUEST)).toEqual({
      status: 0,
      out: `cancelled items from ${RANGE.from} to ${RANGE.to}: nothing of it is sealed, and the rest is not read\nto have the rest after all: npx millrace backfill items --from ${RANGE.from} --to ${RANGE.to} --again --data d\n`,
    });
    expect((await type(world, 'status', 'items')).out).not.toContain('backfill');
    expect(await typeCancel(world, REQUEST)).toEqual({
      status: 0,
      out: `range ${REQUEST} of feed items was cancelled at 2026-01-15T08:00:00.000Z; nothing is left to do\n`,
    });
  });

  it('refuses what is not under way, with what is, and options of another question', async () => {
    const world = deploymentOf();
    await expect(typeCancel(world, 'x')).rejects.toThrow(
      'feed items has no range "x" under way, no range of it is; npx millrace status items --data d shows the feed',
    );
    await ask(world);
    await expect(typeCancel(world, 'x')).rejects.toThrow(`allowed ${REQUEST} (${RANGE.from} to ${RANGE.to})`);
    await expect(typeCancel(world, REQUEST, '--to', '2026-01-02')).rejects.toThrow('remove --to');
  });
});

describe('pause, resume and trigger', () => {
  it('hold a feed and let it go on', async () => {
    const world = deploymentOf();
    expect((await type(world, 'pause', 'items')).out).toBe(
      'paused items since 2026-01-15T08:00:00.000Z: its schedules, landed files and loads are held; to go on: npx millrace resume items --data d\n',
    );
    expect((await type(world, 'status', 'items')).out).toContain('next: npx millrace resume items --data d');
    await expect(type(world, 'trigger', 'items')).rejects.toThrow(
      'feed items is paused, so nothing of it starts; first type: npx millrace resume items --data d',
    );
    expect((await type(world, 'resume', 'items')).out).toContain(
      'resumed items, paused since 2026-01-15T08:00:00.000Z; its next schedule catches up, or now: npx millrace trigger items --data d\n',
    );
    expect((await type(world, 'trigger', 'items')).status).toBe(0);
    expect(world.events.taken).toEqual([
      {
        type: 'Continue',
        detail: { feed: 'items', scheduledTime: '2026-01-15T08:00:00.000Z', generation: 0 },
      },
    ]);
  });

  it('trigger extracts landed files that nobody read, and says so where there are none', async () => {
    const world = deploymentOf();
    expect((await type(world, 'trigger', 'drops')).out).toContain(
      'each landed file of drops is read already, or parked: land another one\n',
    );
    await world.records.putIfAbsent('landing/drops/a.xml', '<r/>');
    expect((await type(world, 'trigger', 'drops')).out).toMatch(/^extracts 1 landed file\n/);
    expect(world.events.taken).toMatchObject([
      {
        type: 'Continue',
        detail: { feed: 'drops', object: { key: 'landing/drops/a.xml', versionId: 'v1' } },
      },
    ]);
  });

  it('say of a feed that its own file holds what lets it go on, and begin nothing', async () => {
    const world = deploymentOf({ items: { ...itemsFeed(), paused: true } });
    const { status, out } = await type(world, 'status', 'items');
    expect(status).toBe(0);
    expect(out).toContain(
      'paused by its feed file\n  next: remove `paused: true` from feed items, then deploy\n',
    );
    for (const verb of ['resume', 'trigger', 'redrive'] as const)
      await expect(type(world, verb, 'items')).rejects.toThrow('feed items is paused by its own file');
    await type(world, 'pause', 'items');
    expect((await type(world, 'status', 'items')).out).toContain(
      'next: remove `paused: true` from feed items, then deploy; then npx millrace resume items --data d',
    );
    expect(world.events.taken).toEqual([]);
  });

  it('refuse to fire what has no schedule', async () => {
    const world = deploymentOf();
    await expect(type(world, 'trigger', 'items', '--compare')).rejects.toThrow('feed items compares no keys');
    expect(world.events.taken).toEqual([]);
  });
});
