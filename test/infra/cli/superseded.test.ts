import { describe, expect, it } from 'vitest';
import { planNameOf } from '../../../handlers/extract/plan-name.ts';
import { landedBatch, toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { dropsFeed } from '../../handlers/extract/world.ts';
import { deploymentOf, type } from './memory-deployment.ts';

/** A file that was refused for its rows, and landed again, mended: what the commands say of the first version. */

const KEY = 'landing/drops/a.xml';
const PUT_AT = '2026-01-15T07:00:00.000Z';
const REJECTS = { rows: 1, parts: [] };
const SUMS = { tables: {}, records: 1, outside: 0, bytes: 1 };
const nameOf = (version: string) => ({ feed: 'drops', batch: landedBatch(KEY, version) });
const { batch: OLD } = nameOf('old');
const { batch: NEW } = nameOf('new');

/** A drops feed with two versions of a file, and how to put the records of each. */
const landedTwice = () => {
  const world = deploymentOf({ drops: dropsFeed() });
  const put = (key: Parameters<typeof toKey>[0], record: object) =>
    world.records.putIfAbsent(toKey(key), toRecordText(record));
  const at = { lastModifiedMs: Date.parse(PUT_AT) };
  const versions = { ...at, versionId: 'new', older: [{ ...at, versionId: 'old' }] };
  const { listVersions } = memoryInventory(new Map([[KEY, versions]]));
  Object.assign(world.deployment.inventory, { listVersions });
  const objectOf = (versionId: string, lastModified = PUT_AT) => ({
    object: { bucket: 'state', key: KEY, versionId, etag: 'e', bytes: 1, lastModified },
  });
  const plan = async (version: string) => {
    const of = { ...nameOf(version), invocation: 'p', date: '2026/01/15', observed: PUT_AT };
    const record = { ...of, ...objectOf(version), definition: dropsFeed(), slices: [] };
    const name = planNameOf(record);
    await put({ kind: 'plan', ...name }, record);
    const step = {
      ...{ ...SUMS, invocation: 'p', at: PUT_AT, rejects: REJECTS, pages: 1, matched: [] },
      ...{ firstRejects: [], continuation: null },
    };
    await put({ kind: 'step', ...name, slice: 0, restart: 0, step: 0 }, step);
  };
  const park = async (version: string) => {
    await plan(version);
    const record = { ...nameOf(version), invocation: 'p', state: 'SealBatch', error: 'TooManyRejects' };
    await put({ kind: 'parked', ...nameOf(version) }, { ...record, message: 'too many', parkedAt: PUT_AT });
  };
  const load = async (version: string, rejects: object = { rows: 0, parts: [] }, lastModified = PUT_AT) => {
    await plan(version);
    const of = { ...nameOf(version), ...objectOf(version, lastModified), observed: PUT_AT };
    const { contract } = dropsFeed();
    const record = { ...of, ...SUMS, rejects, contract, seal: 's', warnings: [], correlation: 'c' };
    await put({ kind: 'batch', ...nameOf(version), date: '2026/01/15' }, record);
  };
  return { world, park, load };
};

describe('a parked version of a file of which a newer one is loaded', () => {
  const superseded = async () => {
    const { world, park, load } = landedTwice();
    await park('old');
    await load('new');
    return world;
  };

  it('is told as superseded by `rejects`, which ends with 0 and asks for nothing', async () => {
    const world = await superseded();
    expect(await type(world, 'rejects', 'drops')).toEqual({
      ...{ status: 0, err: '' },
      out: `${OLD}  1 row rejected, superseded: a newer version of its file is loaded\n\n`,
    });
    expect((await type(world, 'rejects', 'drops', '--batch', OLD)).status).toBe(0);
  });

  it('is not read again by `redrive`, whether it is named or not', async () => {
    const world = await superseded();
    expect(await type(world, 'redrive', 'drops', OLD)).toMatchObject({
      status: 0,
      out: `batch ${OLD} of feed drops is superseded: a newer version of its file is loaded; nothing is left to do\n`,
    });
    expect((await type(world, 'redrive', 'drops')).out).toContain(
      `no batch of feed drops waits for somebody\n${OLD} left as it is: superseded, a newer batch is loaded in its place\n`,
    );
    expect(world.events.taken).toEqual([]);
  });

  it('is no failure of `rejects replay`', async () => {
    const { status, out } = await type(await superseded(), 'rejects', 'replay', 'drops');
    expect([status, out.split('\n')[0]]).toEqual([
      0,
      `${OLD}, with 1 rejected row, is superseded: a newer version of its file is loaded`,
    ]);
  });
});

describe('rows that a loaded version of a file rejected', () => {
  it('are mended by landing the file again, and then no failure of `rejects replay`', async () => {
    const { world, load } = landedTwice();
    await load('old', REJECTS);
    const replay = async () => {
      const { status, out } = await type(world, 'rejects', 'replay', 'drops', '--batch', OLD);
      return [status, out.split('\n')[0]];
    };
    const told = `${OLD}, with 1 rejected row, is`;
    expect(await replay()).toEqual([
      1,
      `${told} left as it is: the deployed mapping is still that by which its rows were rejected: mend the feed and deploy it; where the file is wrong: mend the file; land it under its name in landing/drops/: npx millrace run --file drops=FILE --data d --once`,
    ]);
    await load('new');
    expect(await replay()).toEqual([0, `${told} superseded: a newer version of its file is loaded`]);
  });

  it('are counted by `status` until a newer version is loaded', async () => {
    const { world, load } = landedTwice();
    const count = async () =>
      JSON.parse((await type(world, 'status', 'drops', '--json')).out).feeds[0].rejectsOfDay.rows;
    await load('old', REJECTS);
    expect(await count()).toBe(1);
    await load('new', { rows: 2, parts: [] }, '2026-01-15T07:30:00.000Z');
    await world.records.putIfAbsent(toKey({ kind: 'pending', feed: 'drops', batch: NEW }), '{}');
    expect(await count()).toBe(3);
    await world.records.remove(toKey({ kind: 'pending', feed: 'drops', batch: NEW }));
    expect(await count()).toBe(2);
  });
});
