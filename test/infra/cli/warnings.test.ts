import { describe, expect, it } from 'vitest';
import { landedBatch } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import type { ParkedRecord, PlanRecord } from '../../../shared/state/records.ts';
import { failedExecution, fakeBatch, fakeWorld } from './fake-session.ts';
import { files, startRun } from './start-run.ts';

const PUT_AT = '2026-01-14T08:00:00.000Z';
/** The plan of one version of a landed object. */
const planOf = (batch: string, key: string): PlanRecord => ({
  feed: 'files',
  batch,
  invocation: 'a',
  date: '2026/01/14',
  observed: PUT_AT,
  object: { bucket: 'state', key, versionId: 'old', etag: 'e', bytes: 1, lastModified: PUT_AT },
  definition: files,
  slices: [],
});

const park = (world: ReturnType<typeof fakeWorld>, feed: string, over: Partial<ParkedRecord> = {}): void => {
  const record: ParkedRecord = {
    feed,
    batch: 'w-1',
    invocation: 'a',
    state: 'Load',
    error: 'WarehouseRefused',
    message: 'numeric overflow\n  in column amount',
    parkedAt: '2026-01-14T08:00:00.000Z',
    ...over,
  };
  world.objects.set(`parked/${feed}/${record.batch}.json`, toRecordText(record));
};

const PARKED =
  'batch w-1 is parked since 2026-01-14T08:00:00.000Z: WarehouseRefused: numeric overflow; see SettleLoadFailed in docs/runbook.md';

const parkedOf = async (world: ReturnType<typeof fakeWorld>) => {
  const { io, status } = await startRun('--once --json --feed items', { world });
  const { ok, failures, feeds } = JSON.parse(io.out());
  expect(ok).toBe(failures.length === 0);
  expect(status).toBe(ok ? 0 : 1);
  expect(feeds.items.warnings).toEqual([]);
  return failures;
};

describe('a run whose feed has parked windows', () => {
  const since = '2026-01-14T08:00:00.000Z';

  it('is not well, and names each, in the JSON and for people', async () => {
    const world = fakeWorld();
    park(world, 'items');
    park(world, 'items', { batch: 'w-2', state: 'ExtractSlice', error: 'SliceStuck', message: 'page 3' });
    park(world, 'other');
    const failure = { feed: 'items', error: 'BatchParked' };
    expect(await parkedOf(world)).toEqual([
      { ...failure, batch: 'w-1', state: 'Load', message: PARKED },
      {
        ...failure,
        ...{ batch: 'w-2', state: 'ExtractSlice' },
        message: `batch w-2 is parked since ${since}: SliceStuck: page 3; see ExtractFailed in docs/runbook.md`,
      },
    ]);
    const { io, status } = await startRun('--once --feed items', { world });
    expect(status).toBe(1);
    expect(io.out()).toContain(PARKED);
  });

  it('is not well for a landed object that was read and not loaded; one that could not be read is a note', async () => {
    const world = fakeWorld();
    park(world, 'files', { batch: 'f-1', state: 'Load' });
    park(world, 'files', { batch: 'f-2', state: 'ExtractSlice', error: 'XmlMalformed', message: 'line 3' });
    const { io, status } = await startRun('--once --json --feed files', { world });
    const { failures, feeds } = JSON.parse(io.out());
    expect([status, failures.map(({ batch }: { batch: string }) => batch)]).toEqual([1, ['f-1']]);
    expect(feeds.files.warnings).toEqual([
      expect.stringMatching(
        /^batch f-2 is parked since .*; npx millrace status files says what to do, and ends with 1 until that is done$/,
      ),
    ]);
  });

  it('is well once a person gave the batch back', async () => {
    const world = fakeWorld();
    park(world, 'items');
    world.work = () => void world.objects.delete('parked/items/w-1.json');
    expect(await parkedOf(world)).toEqual([]);
  });

  it('tells of one that this run parked itself once', async () => {
    const world = fakeWorld();
    world.work = () => park(world, 'items', { batch: 'w-2' });
    expect(await parkedOf(world)).toHaveLength(1);
  });

  it('tells of a window that failed this very schedule once', async () => {
    const world = fakeWorld();
    park(world, 'items');
    const cause = { errorType: 'BatchParked', errorMessage: 'w-1 is parked since then', feed: 'items' };
    world.work = () => {
      world.executions.push(
        failedExecution({ error: 'BatchParked', cause: JSON.stringify(cause), failedState: 'PlanBatch' }),
      );
    };
    expect(await parkedOf(world)).toHaveLength(1);
  });

  it('tells of many by number', async () => {
    const world = fakeWorld();
    for (let i = 10; i < 35; i += 1) park(world, 'items', { batch: `w-${i}` });
    const failures = await parkedOf(world);
    expect(failures).toHaveLength(21);
    expect(failures.at(-1)).toMatchObject({
      batch: '',
      message: '5 more batches are parked under parked/items/',
    });
  });
});

describe('a parked comparison of keys', () => {
  const [parked, later] = ['k-20260114T080000000Z', 'k-20260121T080000000Z'] as const;
  const parkOne = () => {
    const world = fakeWorld();
    park(world, 'items', {
      batch: parked,
      error: 'TooManyDeleted',
      message: 'batch would delete 9 of 10 rows',
    });
    return world;
  };

  it('is a failure of each run, until a later one is loaded', async () => {
    const world = parkOne();
    expect(await parkedOf(world)).toMatchObject([{ batch: parked, error: 'BatchParked' }]);
    const seal = `batches/items/2026/01/21/${later}.json`;
    world.objects.set(seal, toRecordText({ ...fakeBatch(files, later), feed: 'items', warnings: [] }));
    world.objects.set(`pending/items/${later}`, '{}');
    expect(await parkedOf(world)).toMatchObject([{ batch: later, error: 'NotLoaded' }, { batch: parked }]);
    world.objects.delete(`pending/items/${later}`);
    expect(await parkedOf(world)).toEqual([]);
  });

  it('is not over by an earlier one', async () => {
    const world = parkOne();
    const seal = 'batches/items/2026/01/07/k-20260107T080000000Z.json';
    world.objects.set(seal, toRecordText({ ...fakeBatch(files, later), feed: 'items', warnings: [] }));
    expect(await parkedOf(world)).toHaveLength(1);
  });
});

describe('the warnings of a run', () => {
  describe('of a landed object that a newer version took the place of', () => {
    const KEY = 'landing/files/a.xml';
    const batches = ['old', 'new'].map((version) => landedBatch(KEY, version));
    const [old = '', newer = ''] = batches;
    const seal = `batches/files/2026/01/15/${newer}.json`;
    const landTwice = (newest: string, lastModifiedMs: number) => {
      const world = fakeWorld();
      park(world, 'files', { batch: old, state: 'ExtractSlice', error: 'XmlMalformed', message: 'line 3' });
      world.objects.set(`plans/files/${old}/abc.json`, toRecordText(planOf(old, KEY)));
      const versions = [
        { versionId: newest, lastModifiedMs },
        { versionId: 'old', lastModifiedMs: Date.parse(PUT_AT) },
      ];
      world.versions.set(KEY, versions);
      return world;
    };
    const warned = async (world: ReturnType<typeof fakeWorld>) => {
      const { io } = await startRun('--once --json --feed files', { world });
      return JSON.parse(io.out()).feeds.files.warnings;
    };
    const sealed = () => toRecordText({ ...fakeBatch(files, newer), warnings: [] });

    it('say in the run that loads it that the parked one is superseded, and nothing later', async () => {
      const world = landTwice('new', Date.parse(PUT_AT));
      world.work = () => world.objects.set(seal, sealed());
      expect(await warned(world)).toEqual([
        `parked batch ${old} is superseded: a newer version of ${KEY} is loaded`,
      ]);
      expect(await warned(world)).toEqual([]);
      expect([...world.objects.keys()]).toContain(`parked/files/${old}.json`);
    });

    it('say it once, whatever newer versions are loaded later', async () => {
      const world = landTwice('new', Date.parse(PUT_AT));
      world.work = () => world.objects.set(seal, sealed());
      expect(await warned(world)).toHaveLength(1);
      const newest = landedBatch(KEY, 'newest');
      const later = { versionId: 'newest', lastModifiedMs: Date.parse(PUT_AT) };
      world.versions.set(KEY, [later, ...(world.versions.get(KEY) ?? [])]);
      world.work = () => world.objects.set(`batches/files/2026/01/15/${newest}.json`, sealed());
      expect(await warned(world)).toEqual([]);
    });

    it.each([
      [
        'is sealed and waits for its load',
        (world: ReturnType<typeof fakeWorld>) => {
          world.objects.set(seal, sealed());
          world.objects.set(`pending/files/${newer}`, '{}');
        },
      ],
      [
        'was parked by the loader',
        (world: ReturnType<typeof fakeWorld>) => {
          world.objects.set(seal, sealed());
          park(world, 'files', { batch: newer });
        },
      ],
      ['was never extracted', () => {}],
    ])('go on while the newer version %s', async (_, prepare) => {
      const world = landTwice('new', Date.parse(PUT_AT) + 1000);
      prepare(world);
      expect(await warned(world)).toContainEqual(
        expect.stringMatching(`^batch ${old} is parked since .*: XmlMalformed: line 3`),
      );
    });

    it('go on where the version that is loaded is older', async () => {
      const world = landTwice('new', Date.parse(PUT_AT) - 1000);
      world.versions.set(KEY, (world.versions.get(KEY) ?? []).toReversed());
      world.objects.set(seal, sealed());
      expect(await warned(world)).toEqual([expect.stringMatching(`^batch ${old} is parked since`)]);
    });
  });
});
