import { describe, expect, it } from 'vitest';
import { planNameOf } from '../../../handlers/extract/plan-name.ts';
import { listPlans, readWork } from '../../../handlers/operate/list-work.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { itemsFeed } from '../extract/world.ts';

const FEED = 'items';
const TIME = '2026-01-15T08:00:00.000Z';
const feed = itemsFeed();

/** Records that are put at the time that stands on the world's clock. */
const newWorld = () => {
  const clock = { ms: Date.parse(TIME) };
  const deps = { ...timedRecords({ now: () => clock.ms }), clock: { now: () => clock.ms } };
  const put = (key: string, record: object) => deps.records.putIfAbsent(key, toRecordText(record));
  const parts = (bytes: number, rows: number) => ({ rows, parts: [{ key: 'staged/x', bytes, rows }] });
  const counts = { records: 1, outside: 0, bytes: 1 };
  const plan = async (batch: string, traceId?: string) => {
    const record = {
      ...{ feed: FEED, batch, invocation: 'i', date: '2026/01/15', observed: TIME, definition: feed },
      ...(traceId === undefined ? {} : { traceId }),
      slices: [],
    };
    await put(toKey({ kind: 'plan', ...planNameOf(record) }), record);
    return {
      step: (step: number, bytes: number, stepTrace: string) =>
        put(toKey({ kind: 'step', ...planNameOf(record), slice: 0, restart: 0, step }), {
          ...{ invocation: 'i', traceId: stepTrace, at: TIME, ...counts, pages: 1 },
          ...{ tables: { 'ewm.items': parts(bytes, 2) }, rejects: parts(1, 1) },
          ...{ firstRejects: [], matched: [], continuation: null },
        }),
      seal: (rows: number, traceOfSeal: string) =>
        put(toKey({ kind: 'batch', feed: FEED, date: record.date, batch }), {
          ...{ feed: FEED, batch, seal: 'i', observed: TIME, contract: feed.contract, ...counts },
          tables: { 'ewm.items': parts(5, rows), 'ewm.children': parts(5, 10 * rows) },
          ...{ rejects: { rows: 0, parts: [] }, warnings: [], correlation: 'c', traceId: traceOfSeal },
        }),
    };
  };
  const read = async (sinceMs: number) => readWork(await listPlans(FEED, sinceMs, deps), deps.records);
  return { clock, deps, put, plan, read };
};

describe('the work of a feed', () => {
  it('is its batches since a time, with rows, part files and each trace once', async () => {
    const { clock, plan, read, deps } = newWorld();
    await (await plan('w-20260115T060000000Z', 'before')).seal(7, 'before');
    const sinceMs = clock.ms + 1_000;
    clock.ms += 60_000;
    const batch = await plan('w-20260115T070000000Z', 'a');
    await batch.step(0, 100, 'a');
    await batch.step(1, 40, 'b');
    await batch.seal(2, 'b');
    expect(await read(sinceMs)).toEqual([
      { batch: 'w-20260115T070000000Z', rows: 22, stagedBytes: 142, traceIds: ['a', 'b'] },
    ]);
    expect((await listPlans(FEED, sinceMs, deps)).firstMs).toBe(Date.parse(TIME));
  });

  it('has batches that were not sealed, with what they put and the trace of what parked them', async () => {
    const { plan, read, put } = newWorld();
    const batch = await plan('w-20260115T070000000Z');
    await batch.step(0, 100, 'a');
    await put(toKey({ kind: 'parked', feed: FEED, batch: 'w-20260115T070000000Z' }), {
      ...{ feed: FEED, batch: 'w-20260115T070000000Z', invocation: 'i', traceId: 'p', state: 'SealBatch' },
      ...{ error: 'E', message: 'm', parkedAt: TIME },
    });
    expect(await read(0)).toMatchObject([{ rows: 0, stagedBytes: 101, traceIds: ['a', 'p'] }]);
  });

  it('is nothing of a feed that never ran', async () => {
    const { deps, read } = newWorld();
    expect(await read(0)).toEqual([]);
    expect((await listPlans(FEED, 0, deps)).firstMs).toBeUndefined();
  });
});
