import { describe, expect, it } from 'vitest';
import { enterNeed } from '../../../handlers/attention/enter-need.ts';
import { putDayMark } from '../../../handlers/attention/marks.ts';
import { readOverview } from '../../../handlers/attention/read-overview.ts';
import { tellFeed } from '../../../handlers/attention/tell-feed.ts';
import { parked } from '../../../shared/attention/needs/parked.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { FEED, HOUR, type Life, MINUTE, toLife } from './support/feed-life.ts';

/** Judged each quarter of an hour for so long. */
const pass = async (life: Life, ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 15 * MINUTE) {
    life.clock.advance(15 * MINUTE);
    await life.judge();
  }
};

/** A feed that has run once. */
const begun = async (feed = FEED): Promise<Life> => {
  const life = toLife(feed);
  await life.seal();
  await life.load();
  await life.judge();
  life.clock.advance(1_000); // S3 tells times in whole seconds
  return life;
};

describe('a feed', () => {
  it('that is well is told of by nothing', async () => {
    const life = await begun();
    for (let n = 0; n < 10; n += 1) {
      life.clock.advance(15 * MINUTE);
      await life.seal();
      await life.load();
      await life.judge();
    }
    expect(life.told()).toEqual([]);
  });

  it('whose batch is parked is told once, by batch, cause and command, and once more when it is given back', async () => {
    const life = await begun();
    await life.park();
    await pass(life, 5 * HOUR);
    expect(life.told()).toEqual(['+parked']);
    const [{ detail } = expect.unreachable('it was told')] = life.events.taken;
    expect(detail).toMatchObject({
      feed: 'items',
      need: 'parked',
      batch: life.batchOf(),
      error: 'SliceStuck',
      cause: 'SliceStuck: it ends never',
      command: `npx millrace redrive items ${life.batchOf()}`,
      heading: 'FeedParked',
      lines: {
        what: `feed items has a parked batch: ${life.batchOf()}`,
        why: 'since 2026-11-23T12:00:01.000Z: SliceStuck: it ends never',
        next: `next: lower the page size of the feed, or divide the file; then npx millrace redrive items ${life.batchOf()}; docs/runbook.md, FeedParked, says more`,
        logs: `logs of ${life.batchOf()}`,
        trace: `traces of ${life.batchOf()}`,
      },
    });
    await life.redrive();
    await life.judge();
    await life.seal();
    await life.load();
    await life.judge();
    expect(life.told()).toEqual(['+parked', '-parked']);
  });

  it('whose parked batch is skipped needs nobody any more', async () => {
    const life = await begun();
    await life.park();
    await life.judge();
    await life.skip();
    await life.judge();
    expect(life.told()).toEqual(['+parked', '-parked']);
  });

  it('that fails by what passes is told once it has lasted an hour', async () => {
    const life = await begun({ ...FEED, alerts: { staleAfterMs: 5 * HOUR } });
    for (let n = 0; n < 3; n += 1) {
      await life.fail('SourceUnavailable');
      await pass(life, 15 * MINUTE);
    }
    expect(life.told()).toEqual([]);
    await life.fail('SourceUnavailable');
    await pass(life, HOUR);
    expect(life.told()).toEqual(['+failing']);
    await life.seal();
    await life.load();
    await life.judge();
    expect(life.told()).toEqual(['+failing', '-failing']);
  });

  it('that fails by what a person has to mend is told at once', async () => {
    const life = await begun();
    await life.fail('SecretMissing');
    await life.judge();
    expect(life.told()).toEqual(['+failing']);
  });

  it('whose function is throttled is told as that', async () => {
    const life = await begun();
    await life.fail('Lambda.TooManyRequestsException', 'PlanBatch');
    await pass(life, HOUR);
    expect(String(life.events.taken[0]?.detail.cause)).toMatch(
      /^PlanBatch was throttled: .*ask for a higher quota of concurrent executions/,
    );
  });

  it('that is stale by what fails is told of the failure, and of nothing else', async () => {
    const life = await begun();
    await life.fail('SourceUnavailable');
    await pass(life, 5 * HOUR);
    expect(life.told()).toEqual(['+failing']);
    expect(life.events.taken[0]?.detail.at).toBe('2026-11-23T12:45:01.000Z');
  });

  it('whose loads wait for a warehouse is told by the reason once that has lasted an hour', async () => {
    const life = await begun();
    const batch = await life.seal();
    await life.fail('WarehouseUnready', 'Load', batch);
    await pass(life, 15 * MINUTE);
    expect(life.told()).toEqual([]);
    await pass(life, HOUR);
    expect(life.events.taken).toMatchObject([
      { detail: { need: 'not-loading', batch, cause: 'WarehouseUnready: so it is' } },
    ]);
    await life.load();
    await life.seal();
    await life.load();
    await life.judge();
    expect(life.told()).toEqual(['+not-loading', '-not-loading']);
  });

  it('that brings nothing is stale, once its age is over', async () => {
    const life = await begun();
    await pass(life, 30 * MINUTE);
    expect(life.told()).toEqual([]);
    await pass(life, 15 * MINUTE);
    expect(life.told()).toEqual(['+stale']);
    expect(life.events.taken[0]?.detail.cause).toBe(
      'nothing was sealed for 45 minutes; alerts.staleAfter is 45 minutes',
    );
    await life.seal();
    await life.load();
    await life.judge();
    expect(life.told()).toEqual(['+stale', '-stale']);
  });

  it('that was deployed and never ran is overdue', async () => {
    const life = toLife();
    await life.judge();
    await pass(life, HOUR);
    expect(life.told()).toEqual(['+overdue']);
    expect(life.events.taken[0]?.detail.command).toBe('npx millrace trigger items');
  });

  it('that is paused is told of nothing new', async () => {
    const life = await begun();
    await life.pause();
    await pass(life, 5 * HOUR);
    expect(life.told()).toEqual([]);
    await life.resume();
    await life.judge();
    expect(life.told()).toEqual(['+stale']);
  });

  it.each(['rejects', 'lost'] as const)('with %s is told once, until a day passed without', async (kind) => {
    const life = await begun();
    const need = kind === 'lost' ? 'lost' : 'rejecting';
    await putDayMark('items', kind, { batch: 'w-1', message: '3 rejected rows' }, life.deps());
    await life.judge();
    expect(life.told()).toEqual([`+${need}`]);
    life.clock.advance(48 * HOUR);
    await life.seal();
    await life.load();
    await life.judge();
    expect(life.told()).toEqual([`+${need}`, `-${need}`]);
    expect((await life.records.list('marks/items/')).keys).toEqual(['marks/items/seen.json']);
  });
});

describe('a judgement', () => {
  it('of a feed that is in order takes five lists and one read', async () => {
    const life = await begun();
    const overview = await readOverview(life.records);
    const calls: string[] = [];
    const { read, list } = life.records;
    const records = {
      ...life.records,
      read: (key: string) => {
        calls.push(`read ${key}`);
        return read(key);
      },
      list: (prefix: string, delimiter?: '/') => {
        calls.push(`list ${prefix}`);
        return list(prefix, delimiter);
      },
    };
    const inventory = {
      ...life.inventory,
      list: (prefix: string) => {
        calls.push(`list ${prefix}`);
        return life.inventory.list(prefix);
      },
    };
    await tellFeed(FEED, overview, { ...life.deps({ records }), inventory });
    expect(calls).toEqual([
      'list pending/items/',
      'list batches/items/',
      'list batches/items/2026/',
      'list batches/items/2026/11/',
      'list batches/items/2026/11/01/',
      'read marks/items/seen.json',
    ]);
  });

  it('reads no failure that is over for good, and each that is not', async () => {
    const life = await begun();
    const readFailures = async (): Promise<number> => {
      let count = 0;
      const { read } = life.records;
      const records = {
        ...life.records,
        read: (key: string) => {
          if (key.startsWith('failures/')) count += 1;
          return read(key);
        },
      };
      await life.judge({ records });
      return count;
    };
    for (let n = 0; n < 20; n += 1) {
      await life.fail('SourceUnavailable');
      life.clock.advance(MINUTE);
    }
    expect([await readFailures(), await readFailures()]).toEqual([20, 20]);
    const sealed = await life.seal();
    // One that is as old as the newest may still be written.
    expect([await readFailures(), await readFailures()]).toEqual([20, 4]);
    life.clock.advance(5 * MINUTE);
    expect([await readFailures(), await readFailures()]).toEqual([4, 0]);
    await life.fail('SourceUnavailable');
    life.clock.advance(MINUTE);
    await life.fail('WarehouseUnready', 'Load', sealed);
    expect([await readFailures(), await readFailures()]).toEqual([2, 2]);
    await life.load();
    life.clock.advance(MINUTE);
    await life.seal();
    life.clock.advance(5 * MINUTE);
    expect([await readFailures(), await readFailures()]).toEqual([2, 0]);
    expect((await life.records.list('marks/items/over-')).keys).toHaveLength(1);
  });

  it('takes the last seal of a day, whatever its name is', async () => {
    const life = await begun();
    life.clock.advance(4 * HOUR);
    const key = toKey({ kind: 'batch', feed: 'items', date: '2026/11/02', batch: 'f-0000' });
    await life.records.putIfAbsent(key.replace('f-0000', 'f-ffff'), '{}');
    life.clock.advance(2 * HOUR);
    await life.records.putIfAbsent(key, '{}');
    await life.judge();
    expect(life.told()).toEqual([]);
    expect(life.metrics.taken.at(-1)).toEqual({ feed: 'items', pending: 0, parked: 0, freshnessSeconds: 0 });
  });
});

describe('a message', () => {
  it('is sent by another one where whoever was to send it died, and only then', async () => {
    const life = await begun();
    const finding = { sinceMs: life.clock.now(), batch: life.batchOf(), cause: 'so it is' };
    const dead = { put: () => Promise.reject(new Error('died')) };
    await life.park();
    await expect(enterNeed('items', parked, finding, life.deps({ events: dead }))).rejects.toThrow('died');
    await life.judge();
    expect(life.told()).toEqual([]); // it may live yet
    life.clock.advance(15 * MINUTE);
    await life.judge();
    await life.judge();
    expect(life.told()).toEqual(['+parked']);
  });

  it('is one, of two who judge at once', async () => {
    const life = await begun();
    await life.park();
    await Promise.all([life.judge(), life.judge()]);
    await life.redrive();
    await Promise.all([life.judge(), life.judge()]);
    expect(life.told()).toEqual(['+parked', '-parked']);
    expect((await life.records.list('attention/')).keys).toEqual([]);
  });

  it('has one line a text, without what an input transformer would take for its own', async () => {
    const life = await begun();
    const cause = 'line 1\nof "a" <b> \\ c';
    await enterNeed('items', parked, { sinceMs: 0, cause }, life.deps());
    expect(life.events.taken[0]?.detail).toMatchObject({
      cause,
      lines: { why: "since 1970-01-01T00:00:00.000Z: line 1 of 'a' (b) / c" },
    });
  });
});
