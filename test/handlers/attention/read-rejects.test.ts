import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { putDayMark } from '../../../handlers/attention/marks.ts';
import { readRejects, tellRejects } from '../../../handlers/attention/read-rejects.ts';
import { toDateFolder, toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import type { BatchRecord } from '../../../shared/state/records.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { sealed } from '../load/support/world.ts';

const START = Date.parse('2026-01-15T08:00:00Z');
const MINUTE = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/** A feed whose batches are sealed a minute behind each other. */
const feedOf = () => {
  const clock = manualClock(START);
  const { records, inventory } = timedRecords(clock);
  const deps = { records, inventory, clock };
  const unloaded = new Set<string>();
  const seal = async (batch: string, rejects: number, more: Partial<BatchRecord> = {}) => {
    clock.advance(MINUTE);
    const of = { feed: 'items', batch, rejects: { rows: rejects, parts: [] }, sealedAt: iso(clock.now()) };
    const record = { ...sealed(1), ...of, ...more };
    if (rejects > 0)
      await putDayMark(
        'items',
        'rejects',
        { batch, message: tellRejects(record) },
        { ...deps, invocation: 'i' },
      );
    const key = toKey({ kind: 'batch', feed: 'items', date: toDateFolder(START), batch });
    await records.putIfAbsent(key, toRecordText(record));
  };
  const read = async () => {
    const { keys } = await records.list('marks/items/');
    const marks = keys.map((key) => key.slice('marks/items/'.length, -'.json'.length));
    return (await readRejects('items', marks, unloaded, deps))?.batch;
  };
  /** A version of a landed object, by when it landed. */
  const version = (key: string, landed: number, id = `v${landed}`): Partial<BatchRecord> => ({
    object: {
      bucket: 'b',
      key,
      versionId: id,
      etag: 'e',
      bytes: 1,
      lastModified: iso(START + landed * MINUTE),
    },
  });
  const window = (from: number, to: number): Partial<BatchRecord> => ({
    window: { from: iso(START + from * MINUTE), to: iso(START + to * MINUTE) },
  });
  return { clock, records, unloaded, seal, read, version, window };
};

describe('a feed that rejects rows does so no more', () => {
  it('once a newer version of the landed object is loaded without any', async () => {
    const { seal, read, version, unloaded } = feedOf();
    expect(await read()).toBe(undefined);
    await seal('f-1', 2, version('a.xml', 1));
    expect(await read()).toBe('f-1');
    await seal('f-2', 0, version('b.xml', 2));
    expect(await read()).toBe('f-1');
    unloaded.add('f-3');
    await seal('f-3', 0, version('a.xml', 3));
    expect(await read()).toBe('f-1');
    unloaded.delete('f-3');
    expect(await read()).toBe(undefined);
  });

  it('and not by an older version, nor while another batch of the day does', async () => {
    const { seal, read, version } = feedOf();
    await seal('f-1', 2, version('a.xml', 5));
    await seal('f-2', 0, version('a.xml', 4));
    expect(await read()).toBe('f-1');
    await seal('f-3', 1, version('b.xml', 6));
    await seal('f-4', 0, version('a.xml', 7));
    expect(await read()).toBe('f-3');
    await seal('f-5', 3, version('b.xml', 8));
    expect(await read()).toBe('f-5');
  });

  it('once the same version was read again', async () => {
    const { seal, read, version } = feedOf();
    await seal('f-1', 2, version('a.xml', 1));
    await seal('f-1-20260115T081000000Z', 0, version('a.xml', 1));
    expect(await read()).toBe(undefined);
  });

  it('once a run, or a comparison, has read all again', async () => {
    const { seal, read } = feedOf();
    await seal('s-20260115T080000000Z', 2);
    await seal('k-20260115T080100000Z', 1);
    await seal('s-20260115T080200000Z', 0);
    expect(await read()).toBe('k-20260115T080100000Z');
    await seal('k-20260115T080300000Z', 0);
    expect(await read()).toBe(undefined);
  });

  it('and not by a range of one partition, nor by the next window', async () => {
    const { seal, read, window, records } = feedOf();
    const request = '0123456789ab';
    const asked = { feed: 'items', request, invocation: 'i', asked: iso(START), partition: 'p' };
    await records.putIfAbsent(
      toKey({ kind: 'backfill', feed: 'items', request }),
      toRecordText({ ...asked, from: iso(START), to: iso(START + MINUTE) }),
    );
    await seal('w-20260115T080000000Z', 2, window(0, 1));
    await seal('w-20260115T080100000Z', 0, window(1, 2));
    await seal(`b-${request}-20260115T080000000Z-20260115T080100000Z`, 0, window(0, 1));
    expect(await read()).toBe('w-20260115T080000000Z');
  });

  it('of a mark whose seal is not there nothing is known, nor of a busy feed', async () => {
    const { seal, read, version, records } = feedOf();
    await seal('f-1', 2, version('a.xml', 1));
    await seal('f-2', 0, version('a.xml', 2));
    for (let n = 3; n < 110; n += 1) await seal(`f-${n}`, 0, version(`${n}.xml`, n));
    expect(await read()).toBe('f-1');
    await records.remove(toKey({ kind: 'batch', feed: 'items', date: toDateFolder(START), batch: 'f-1' }));
    expect(await read()).toBe('f-1');
  });

  it('once ranges that were read again have all of the window between them, whatever their order', async () => {
    const range = fc.tuple(fc.nat(10), fc.nat(10)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    await fc.assert(
      fc.asyncProperty(range, fc.array(range, { maxLength: 6 }), async ([from, to], ranges) => {
        fc.pre(from < to);
        const { seal, read, window } = feedOf();
        await seal('w-1', 1, window(from, to));
        const have = new Set<number>();
        for (const [n, [a, b]] of ranges.entries()) {
          await seal(`b-00000000000${n}-x`, 0, window(a, b));
          for (let minute = a; minute < b; minute += 1) have.add(minute);
        }
        const lacks = Array.from({ length: to - from }, (_, n) => from + n).some((n) => !have.has(n));
        expect(await read()).toBe(lacks ? 'w-1' : undefined);
      }),
      { numRuns: 60 },
    );
  });
});
