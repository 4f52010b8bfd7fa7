import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spoolPage } from '../../handlers/extract/spool-page.ts';
import { describeLoad } from '../../handlers/load/describe-load.ts';
import { prepareWarehouse } from '../../handlers/load/prepare-warehouse.ts';
import { submitLoad } from '../../handlers/load/submit-load.ts';
import type { Source, SourceClock } from '../../handlers/ports/source.ts';
import { continueBackfills } from '../../handlers/sweep/continue-backfills.ts';
import { continueRebuild } from '../../handlers/sweep/continue-rebuild.ts';
import { removeLanded } from '../../handlers/sweep/remove-landed.ts';
import { removeOldRecords } from '../../handlers/sweep/remove-old-records.ts';
import { removeSkipped } from '../../handlers/sweep/remove-skipped.ts';
import { sweep } from '../../handlers/sweep/sweep.ts';
import { buildApp } from '../../infra/build-app.ts';
import { type Assembly, readAssembly } from '../../infra/local/assembly/assembly.ts';
import { DEFAULT_BUS } from '../../infra/local/eventbridge/put-events.ts';
import { type Rights, toCaller } from '../../infra/local/iam/access.ts';
import { readAccess } from '../../infra/local/iam/read-access.ts';
import { FEATURE_FLAGS, readSettings } from '../../infra/settings.ts';
import { StepMovedNothing } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { newRedactor } from '../../shared/redact/redactor.ts';
import { landedBatch, toDateFolder, toKey } from '../../shared/state/keys.ts';
import type { ExtractTrigger } from '../../shared/state/messages.ts';
import { toRecordText } from '../../shared/state/record-text.ts';
import { SWEEP_MINUTES, TURNS } from '../../shared/state/sweep-turn.ts';
import { fixedSecrets } from '../fakes/fixed-secrets.ts';
import { memoryEvents } from '../fakes/memory-events.ts';
import { memoryInventory } from '../fakes/memory-inventory.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { pagedSource, pageXml } from '../fakes/paged-source.ts';
import { type Watch, watchedInventory, watchedRecords, watchedStreams } from '../fakes/watched-stores.ts';
import {
  dropsFeed,
  execute,
  executeToEnd,
  feedOf,
  itemsFeed,
  landed,
  NOW,
  schedule,
  type World,
  worldOf,
} from '../handlers/extract/world.ts';
import { batchName, sealed, toSubmitted, toWorld } from '../handlers/load/support/world.ts';
import { planOf } from '../handlers/sweep/support/sweeping.ts';

/** Every function's own use of the bucket, in fair weather and foul, against the roles that are synthesized. */

let folder = '';
let assembly: Assembly;
let access: Rights;
/** A feed whose files are removed once they are loaded. */
const keptDrops = (): Feed => ({ ...dropsFeed(), source: { kind: 's3', suffixes: ['.xml'], keepMs: KEPT } });
const KEPT = 30 * 24 * 3_600_000;

/** `role action prefix/` of all that was done. */
const used = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-grants-'));
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle);
  const app = new App({ outdir: join(folder, 'cdk.out'), context: FEATURE_FLAGS });
  buildApp(app, readSettings(app.node), { drops: keptDrops() }, () => bundle);
  app.synth();
  assembly = await readAssembly(join(folder, 'cdk.out'));
  access = readAccess(assembly);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const functionOf = (state: string) => {
  const found = assembly.functions.find(({ name }) => name.includes(`Functions${state}Function`));
  return found ?? expect.unreachable(`there is no function of ${state}`);
};

const bucketArn = (): string => {
  const name = assembly.buckets.find(({ hasEventBridge }) => hasEventBridge)?.name ?? '';
  return `arn:aws:s3:::${name}`;
};

/** Refuses what the state's function may not do, and notes what it does. */
const watchOf =
  (state: string): Watch =>
  (action, key) => {
    const { roleArn } = functionOf(state);
    const resource = key === '' ? bucketArn() : `${bucketArn()}/${key}`;
    const refusal = toCaller(access, roleArn, state).refusalOf(action, resource);
    if (refusal !== undefined) throw new Error(refusal);
    used.add(`${roleArn} ${action} ${key.slice(0, key.indexOf('/') + 1)}`);
  };

const watched = <W extends World>(world: W) => ({
  ...world,
  as: (state: string) => ({
    records: watchedRecords(world.records, watchOf(state)),
    streams: watchedStreams(world.streams, watchOf(state)),
  }),
});

/** A source whose only row is a reject, of a feed that takes none. */
const refusedWorld = () => {
  const wrong = pageXml(1, 1).replace('<id>1</id>', '<id>x</id>');
  const source = pagedSource({ pages: 1, rowsPerPage: 1, onOpen: () => wrong });
  return worldOf({ ...itemsFeed(), rejects: { count: 0, percent: 0 } }, source);
};

const outcomeOf = async (world: World, trigger = schedule()): Promise<string> => {
  const { outcome, error } = await execute(world, trigger);
  return `${outcome} ${error instanceof Error ? error.message : ''}`;
};

const A_DAY_AGO = 25 * 3_600_000;
const A_MONTH_AGO = 31 * 24 * 3_600_000;
const BROKEN: Source & SourceClock = {
  open: async () => {
    throw new StepMovedNothing('no step');
  },
  readClock: async () => undefined,
};

/** Describes a load of which COPY could not read a file, and looks into that. */
const lookAtRefused = async (
  world: ReturnType<typeof toWorld>,
  { statementId }: { readonly statementId: string },
): Promise<void> => {
  world.warehouse.end(statementId, 'failed', "Load into table 'millrace$stage_1' failed.", 77);
  const key = `staged/work_items/${batchName(2)}/a/ewm.work_items/00000-00000.csv.zst`;
  const execute = async () => [[`s3://bucket/${key}`, 1, 'item_id', 'Invalid digit']];
  const open = async (of: string) => {
    watchOf('DescribeLoad')('s3:GetObject', of);
    return undefined;
  };
  const statementName = world.warehouse.submitted.at(-1)?.name ?? '';
  const trigger = { source: 'aws.redshift-data', detail: { statementId, statementName } };
  const deps = { ...world.deps('DescribeLoad'), warehouse: { ...world.warehouse, execute }, open };
  expect(await describeLoad({ trigger }, deps)).toMatchObject({ outcome: 'failed', isDataError: true });
};

describe('the roles let functions', () => {
  it('extract a window, go on from it, and find nothing more to do', async () => {
    const world = watched(worldOf(itemsFeed(), pagedSource({ pages: 2, rowsPerPage: 2 })));
    expect(await outcomeOf(world)).toMatch(/^Done/);
    expect(await outcomeOf(world)).toMatch(/^Idle: caught up/);
  });

  it('extract a landed object, and park one that is no XML', async () => {
    const world = watched(worldOf(dropsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 })));
    const land = (name: string, text: string): string => {
      const key = `landing/drops/${name}.xml`;
      world.streams.land(
        { bucket: 'bucket', key, versionId: 'v1' },
        text,
        Date.parse('2026-11-20T08:00:00Z'),
      );
      return key;
    };
    expect(await outcomeOf(world, landed(land('good', pageXml(1, 3))))).toMatch(/^Done/);
    expect(await outcomeOf(world, landed(land('bad', pageXml(1, 3).replace('</workitem>', ''))))).toMatch(
      /^XmlMalformed/,
    );
    expect([...world.records.entries.keys()].filter((key) => key.startsWith('parked/'))).toHaveLength(1);
  });

  it('refuse a landed object whose table is kept by other rules, and mark that it waits', async () => {
    const world = watched(worldOf(dropsFeed(), pagedSource({ pages: 0, rowsPerPage: 0 })));
    const [{ table } = expect.unreachable()] = dropsFeed().contract.tables;
    const rules = { target: table, rules: 'append', feed: 'x', invocation: 'y' };
    world.records.entries.set(toKey({ kind: 'target', table }), toRecordText(rules));
    const key = 'landing/drops/a.xml';
    const object = { bucket: 'bucket', key, versionId: 'v1' };
    world.streams.land(object, pageXml(1, 3), Date.parse('2026-11-20T08:00:00Z'));
    for (const _ of [1, 2]) expect(await outcomeOf(world, landed(key))).toMatch(/^TargetChanged/);
    expect([...world.records.entries.keys()]).toContain('marks/drops/landed-unread.json');
  });

  it('park a stretch of a range, and say how it is read again', async () => {
    const memory = memoryRecordStore();
    const world = toWorld(memory, (state) => watchedRecords(memory, watchOf(state)));
    const [from, to] = ['2026-11-01T00:00:00.000Z', '2026-11-03T00:00:00.000Z'];
    const batch = 'b-0123456789ab-20261101T000000000Z-20261103T000000000Z';
    await world.put(sealed(1, { batch, window: { from, to } }));
    const name = { feed: 'work_items', request: '0123456789ab' };
    const range = { ...name, from, to, partition: 'p', asked: to, invocation: 'c' };
    await memory.putIfAbsent(toKey({ kind: 'backfilled', ...name }), toRecordText(range));
    const Cause = "Load into table 'x' failed.";
    await world.park(await world.planned(), [batch], true, { Error: 'LoadDataRefused', Cause });
    const [{ detail } = expect.unreachable()] = world.told;
    expect(detail.command).toBe(
      `npx millrace backfill work_items --from ${from} --to ${to} --partition p --again`,
    );
  });

  it('expand a compressed object, and read its document in ranges', async () => {
    const feed = dropsFeed();
    if (feed.source.kind !== 's3') throw new Error('the feed reads no landed objects');
    const split = { ...feed, source: { ...feed.source, splitBytes: 200 } };
    const world = watched(worldOf(split, pagedSource({ pages: 0, rowsPerPage: 0 })));
    const key = 'landing/drops/packed.xml';
    const object = { bucket: 'bucket', key, versionId: 'v1' };
    world.streams.land(object, gzipSync(pageXml(1, 99)), Date.parse('2026-11-20T08:00:00Z'));
    const results = await executeToEnd(world, landed(key));
    expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Done']);
  });

  it('have a page copied that takes too long, and read the copy', async () => {
    const source = pagedSource({ pages: 1, rowsPerPage: 2 });
    const world = worldOf(itemsFeed(), source);
    const open: Source['open'] = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        world.clock.advance(300_000);
      });
    const slow = watched({ ...world, source: { ...source, open } });
    const [input = expect.unreachable()] = (await execute(slow, schedule())).spools ?? [];
    const events = memoryEvents();
    const rest = { secrets: fixedSecrets(), redactor: newRedactor(), invocation: 'a', events };
    const signal = new AbortController().signal;
    await spoolPage(input, { ...world, ...slow.as('SpoolPage'), ...rest, signal });
    expect(events.taken).toHaveLength(1);
    expect(await outcomeOf(slow)).toMatch(/^Done/);
  });

  it('note that a step moved nothing, and park the batch when another did not either', async () => {
    const world = watched(worldOf(itemsFeed(), BROKEN));
    expect(await outcomeOf(world)).toMatch(/^StepMovedNothing/);
    expect(await outcomeOf(world)).toMatch(/^SliceStuck/);
    expect(await outcomeOf(world)).toMatch(/^BatchParked/);
  });

  it('refuse a batch, and read it again', async () => {
    const world = watched(refusedWorld());
    for (const _ of [1, 2]) expect(await outcomeOf(world)).toMatch(/^TooManyRejects/);
  });

  it('mark that rows were rejected, once a day', async () => {
    const onOpen = () => pageXml(1, 2).replace('<id>1</id>', '<id>x</id>');
    const source = pagedSource({ pages: 1, rowsPerPage: 2, onOpen });
    const world = watched(worldOf(itemsFeed(), source));
    const day = new Date(world.clock.now()).toISOString().slice(0, 10).replaceAll('-', '');
    const told = { invocation: 'a', at: new Date(world.clock.now()).toISOString(), message: 'seen' };
    world.records.entries.set(`marks/items/rejects-${day}.json`, toRecordText(told));
    expect(await outcomeOf(world)).toMatch(/^Done/);
  });

  it('leave a document that has not changed, beside another execution that did so', async () => {
    const text =
      'source: { http: { url: "http://127.0.0.1:1/x" } }\ntables:\n  a.b: { rows: /r/i, disposition: replace, columns: { i: bigint <- . } }\n';
    const key = 'unchanged/items/2026/11/24/s-20261124T000000000Z.json';
    const plain = worldOf(feedOf('items', text), pagedSource({ pages: 0, rowsPerPage: 0 }));
    const open: Source['open'] = async ({ url, validators }) => {
      const isUnchanged = validators !== undefined;
      // As if another execution had noted it in the meantime.
      if (isUnchanged) {
        const definition = [...plain.records.entries.keys()].at(-1)?.split('/').at(-1)?.slice(0, -5);
        const record = { invocation: 'other', at: NOW, since: 's-1', definition };
        plain.records.entries.set(key, toRecordText(record));
      }
      const body = (async function* () {
        yield Buffer.from('<r><i>1</i></r>');
      })();
      return { url, header: () => '"1"', charset: undefined, body, isUnchanged };
    };
    const world = watched({ ...plain, source: { ...plain.source, open } });
    expect(await outcomeOf(world)).toMatch(/^Done/);
    expect(await outcomeOf(world, schedule('2026-11-24T00:00:00Z'))).toMatch(/^Done/);
    expect(await outcomeOf(world, schedule('2026-11-24T00:00:00Z'))).toMatch(
      /^Idle: .* is unchanged since s-1/,
    );
  });

  it('load, describe, settle and park', async () => {
    const memory = memoryRecordStore();
    const world = toWorld(memory, (state) => watchedRecords(memory, watchOf(state)));
    await world.put(sealed(1));
    // As an older release planned it, which noted no counts.
    const planned = async () => {
      const thread = await world.planned();
      const { counts: _, ...record } = JSON.parse(memory.entries.get(thread.loadKey) ?? '');
      memory.entries.set(thread.loadKey, JSON.stringify(record));
      return thread;
    };
    const thread = await planned();
    await prepareWarehouse({ thread }, world.deps('PrepareWarehouse'));
    const { statementId } = await world.submit(thread);
    world.warehouse.end(statementId, 'finished');
    expect(await world.describeLast()).toMatchObject({ outcome: 'finished' });
    await world.mark(thread);
    await world.put(sealed(2));
    const second = await planned();
    const again = () => prepareWarehouse({ thread: second }, world.deps('PrepareWarehouse'));
    // The warehouse knows nothing of the first one, whose files are gone: that is marked, by two at once.
    await Promise.all([again(), again()]);
    expect([...memory.entries.keys()].filter((key) => key.startsWith('marks/'))).toHaveLength(1);
    // With its files it is pending again.
    const [first] = sealed(1).tables['ewm.work_items']?.parts ?? [];
    memory.entries.set(first?.key ?? '', '');
    await Promise.all([again(), again()]);
    expect(await world.pending()).toEqual([sealed(1).batch, sealed(2).batch]);
    await memory.remove(`pending/work_items/${sealed(1).batch}`);
    // SubmitLoad asks by itself whether all is prepared.
    const execute = async (sql: string) => {
      if (sql.includes('ledger')) return [[sealed(1).batch, sealed(1).seal]];
      return sql.startsWith('SELECT hash') ? [['hash']] : [];
    };
    const asking = { ...world.deps('SubmitLoad'), warehouse: { ...world.warehouse, execute } };
    await lookAtRefused(world, toSubmitted(await submitLoad({ thread: second }, asking)));
    await world.park(second, [], false, { Error: 'WarehouseUnready', Cause: 'a right is missing' });
    await world.park(second, [], false, { Error: 'LoadRefused', Cause: 'no' });
    await world.put(sealed(2)); // as if taking it off what is pending had been cut short
    expect(await world.plan()).toMatchObject({ outcome: 'idle' });
  });

  it('sweep: loads, landed objects and orphans', async () => {
    const unsealed = refusedWorld();
    await execute(unsealed, schedule());
    const { records } = unsealed;
    const batch = [...records.entries.keys()].find((key) => key.startsWith('plans/'))?.split('/')[2];
    const watch = watchOf('Sweep');
    const world = toWorld(records, () => watchedRecords(records, watch));
    await toWorld(records).put(sealed(1));
    await toWorld(records).planned();
    const at = (ageMs: number) => ({ lastModifiedMs: world.clock.now() - ageMs, versionId: 'v' });
    const steps = [...records.entries.keys()].filter((key) => /^slices\/.*\/\d+-\d+-\d+\.json$/.test(key));
    const objects = new Map([
      [`staged/items/${batch}/a/ewm.items/00000-00000.csv.zst`, at(A_DAY_AGO)],
      ['landing/drops/a.xml', at(A_DAY_AGO)],
      ['failures/items/2026/01/01/20260101T000000000Z.json', at(A_MONTH_AGO)],
      [`spool/items/${batch}/0a/00000-00000-00000-00000.json`, at(A_MONTH_AGO)],
      ...steps.map((key) => [key, at(A_MONTH_AGO)] as const), // so that they are given up
    ]);
    const told = { invocation: 'a', at: '2026-01-01T00:00:00.000Z', message: 'seen' };
    records.entries.set('marks/drops/rejects-20260101.json', toRecordText(told));
    records.entries.set('parked/drops/f-0a.json', 'by hand');
    const inventory = watchedInventory(memoryInventory(objects), watch);
    const ports = { ...world.deps(), events: memoryEvents(), inventory };
    let removed = 0;
    for (let n = 0; n < TURNS; n += 1) {
      const scheduledTime = new Date(world.clock.now() + n * SWEEP_MINUTES * 60_000).toISOString();
      // After the first sweep another deployment, so that what is deployed is said anew.
      const feeds = { ...(n === 0 ? {} : { items: itemsFeed() }), drops: dropsFeed() };
      const swept = await sweep({ scheduledTime }, feeds, ports);
      expect(swept.continued).toBe(1);
      removed += swept.orphansRemoved;
    }
    expect(removed).toBe(3);
  });

  it('sweep: records of long ago, and landed objects that are loaded', async () => {
    const memory = memoryRecordStore();
    const watch = watchOf('Sweep');
    const world = toWorld(memory, () => watchedRecords(memory, watch));
    const long = { lastModifiedMs: world.clock.now() - 100 * 24 * 3_600_000, versionId: 'v' };
    const date = toDateFolder(long.lastModifiedMs);
    const plan = { ...planOf(batchName(1))[1], feed: 'drops', date };
    const name = { feed: 'drops', batch: plan.batch, definition: 'abc' };
    const step = toKey({ kind: 'step', ...name, slice: 0, restart: 0, step: 0 });
    const load = (day: string) => toKey({ kind: 'load', feed: 'drops', date: `2026/01/${day}`, load: 1 });
    const key = 'landing/drops/a.xml';
    const landedAs = landedBatch(key, 'v');
    const records = new Map([
      [toKey({ kind: 'plan', ...name }), toRecordText(plan)],
      [step, '{}'],
      [toKey({ kind: 'batch', feed: 'drops', date, batch: plan.batch }), toRecordText(sealed(1))],
      [toKey({ kind: 'batch', feed: 'drops', date, batch: landedAs }), '{}'],
      [toKey({ kind: 'unchanged', feed: 'drops', date, batch: plan.batch }), '{}'],
      [load('01'), '{}'],
      [load('02'), '{}'],
    ]);
    for (const [at, text] of records) await memory.putIfAbsent(at, text);
    const skipped = { feed: 'drops', batch: plan.batch };
    const skippedAt = new Date(long.lastModifiedMs).toISOString();
    await memory.putIfAbsent(
      toKey({ kind: 'skipped', ...skipped }),
      toRecordText({ ...skipped, invocation: 'c', skippedAt }),
    );
    const objects = new Map([key, ...records.keys()].map((at) => [at, long]));
    const inventory = watchedInventory(memoryInventory(objects), watch);
    const deps = { ...world.deps('Sweep'), events: memoryEvents(), inventory };
    for (let turn = 0; turn < TURNS; turn += 1) {
      await removeLanded(keptDrops(), turn, deps);
      await removeSkipped('drops', turn, deps);
      await removeOldRecords('drops', turn, deps);
    }
    const left = [...objects.keys()].filter((at) => !at.startsWith('batches/'));
    expect(left).toEqual([load('02')]);
  });

  it('go on with ranges that were asked for', async () => {
    const memory = memoryRecordStore();
    const feed = itemsFeed();
    const request = '0123456789ab';
    const asked = '2026-01-01T00:00:00.000Z';
    const range = { request, from: '2026-11-02T00:00:00.000Z', to: '2026-11-05T00:00:00.000Z', asked };
    const key = toKey({ kind: 'backfill', feed: 'items', request });
    const text = toRecordText({
      feed: 'items',
      ...range,
      invocation: 'c',
    });
    await memory.putIfAbsent(key, text);
    const world = toWorld(memory, () => watchedRecords(memory, watchOf('Sweep')));
    const events = memoryEvents();
    const deps = { ...world.deps('Sweep'), events, inventory: memoryInventory(new Map()) };
    expect(await continueBackfills(feed, deps)).toBe(1);
    const extracting = worldOf(feed, pagedSource({ pages: 1, rowsPerPage: 1 }));
    const as = (state: string) => ({ records: watchedRecords(memory, watchOf(state)) });
    const [{ type, detail } = { type: '', detail: {} }] = events.taken;
    const trigger = { source: 'millrace', 'detail-type': type, detail } as ExtractTrigger;
    expect((await execute({ ...extracting, as }, trigger)).outcome).toBe('Done');
    await memory.putIfAbsent(key, text);
    expect(await continueBackfills(feed, deps)).toBe(0);
    expect(await memory.read(key)).toBeUndefined();
  });

  it('read for a rebuild, end it, and load what the old tables refused', async () => {
    const feed = feedOf(
      'work_items',
      `source: { http: { url: "http://127.0.0.1:1/x", params: { from: "\${window.from}" } } }
schedule: rate(1 hour)
window: { cursor: at, start: 2026-11-01T00:00:00Z }
tables: { a.b: { rows: /r/i, disposition: merge, key: [i], columns: { i: bigint, at: timestamptz } } }
`,
    );
    const memory = memoryRecordStore();
    const world = toWorld(memory, (state) => watchedRecords(memory, watchOf(state)), { work_items: feed });
    const asked = new Date(world.clock.now() - A_DAY_AGO).toISOString();
    const name = { feed: 'work_items', request: '0123456789ab' };
    const of = { contract: feed.contract.hash, table: 'a.b', asked, from: asked, invocation: 'c' };
    const rebuild = toRecordText({ ...name, ...of });
    await memory.putIfAbsent(toKey({ kind: 'rebuild', feed: 'work_items' }), rebuild);
    const deps = { ...world.deps('Sweep'), events: memoryEvents(), inventory: memoryInventory(new Map()) };
    expect(await continueRebuild(feed, deps)).toBe(0);
    const backfill = { ...{ request: name.request, from: asked, to: asked, asked }, rebuilds: 's.t' };
    const detail = { feed: 'work_items', backfill, generation: 0 };
    const trigger = { source: 'millrace', 'detail-type': 'Continue', detail } as ExtractTrigger;
    const extracting = worldOf(feed, pagedSource({ pages: 0, rowsPerPage: 0 }));
    const as = (state: string) => ({ records: watchedRecords(memory, watchOf(state)) });
    expect((await execute({ ...extracting, as }, trigger)).outcome).toMatch(/^Idle: .* is sealed up to/);

    const refused = sealed(1, { contract: feed.contract });
    const [planned, plan] = planOf(refused.batch);
    await memory.putIfAbsent(
      planned.replace('plans/items/', 'plans/work_items/'),
      toRecordText({ ...plan, feed: 'work_items', date: '2026/11/23' }),
    );
    await world.put(refused);
    await memory.remove(`pending/work_items/${refused.batch}`);
    const failed = {
      feed: 'work_items',
      batch: refused.batch,
      invocation: 'p',
      state: 'Load',
      error: 'TargetChanged',
      message: 'm',
    };
    await memory.putIfAbsent(
      `parked/work_items/${refused.batch}.json`,
      toRecordText({ ...failed, parkedAt: asked }),
    );
    await memory.putIfAbsent(
      'failures/work_items/2026/11/22/20261122T000000000Z.json',
      toRecordText({ ...failed, failedAt: asked }),
    );
    await memory.putIfAbsent(
      'targets/a.b.json',
      toRecordText({ target: 'a.b', rules: 'append', feed: 'x', invocation: 'y' }),
    );
    const thread = await world.planned();
    await prepareWarehouse({ thread }, world.deps('PrepareWarehouse'));
    // As if the first of two had died behind its last put.
    await memory.putIfAbsent(toKey({ kind: 'rebuilt', ...name }), rebuild);
    await world.submit(thread);
    await world.mark(thread);
    expect(await world.pending()).toEqual([refused.batch]);
    expect(await memory.read(toKey({ kind: 'rebuild', feed: 'work_items' }))).toBeUndefined();
  });

  it('do nothing that none of these did', () => {
    const roles = new Set(assembly.functions.map(({ roleArn }) => roleArn));
    const granted = [...roles].flatMap((role) =>
      (access.roles[role] ?? []).flatMap(({ actions, resources }) =>
        actions
          .filter((action) => action.startsWith('s3:'))
          .flatMap((action) =>
            resources.map(
              (resource) =>
                `${role} ${action} ${resource.slice(bucketArn().length + 1).replace(/[*].*$/, '')}`,
            ),
          ),
      ),
    );
    expect(granted.sort()).toEqual([...used].sort());
  });
});

describe('the role of each state machine', () => {
  it('lets it invoke the functions of all its states, no other, and put events where a state does', () => {
    for (const { name, roleArn, definition } of assembly.machines) {
      const caller = toCaller(access, roleArn, name);
      const called = assembly.functions.filter(({ arn }) => definition.includes(`"${arn}"`));
      expect(called.length, name).toBeGreaterThan(0);
      const allowed = assembly.functions.filter(
        ({ arn }) => caller.refusalOf('lambda:InvokeFunction', arn) === undefined,
      );
      expect(allowed.map((fn) => fn.name)).toEqual(called.map((fn) => fn.name));
      const mayPut = (source: string) =>
        caller.refusalOf('events:PutEvents', DEFAULT_BUS, { 'events:source': source }) === undefined;
      expect(mayPut('millrace'), name).toBe(definition.includes(':states:::events:putEvents'));
      expect(mayPut('millrace-test'), name).toBe(false);
    }
  });
});
