import { describe, expect, it } from 'vitest';
import { toRecordText } from '../../../shared/state/record-text.ts';
import type { ParkedRecord } from '../../../shared/state/records.ts';
import { failedExecution, fakeWorld } from './fake-session.ts';
import { startRun } from './start-run.ts';

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

const warningsOf = async (world: ReturnType<typeof fakeWorld>, line = '--feed items') => {
  const { io } = await startRun(`--once --json ${line}`, { world });
  return JSON.parse(io.out()).feeds.items.warnings;
};

const PARKED =
  'batch w-1 is parked since 2026-01-14T08:00:00.000Z: WarehouseRefused: numeric overflow; see SettleLoadFailed in docs/runbook.md';

describe('the warnings of a run', () => {
  it('name each batch of its feeds that an earlier run parked, in the JSON and for people', async () => {
    const world = fakeWorld();
    park(world, 'items');
    park(world, 'items', { batch: 'w-2', state: 'ExtractSlice', error: 'XmlMalformed', message: 'line 3' });
    park(world, 'other');
    expect(await warningsOf(world)).toEqual([
      PARKED,
      'batch w-2 is parked since 2026-01-14T08:00:00.000Z: XmlMalformed: line 3; see ExtractFailed in docs/runbook.md',
    ]);
    const { io, status } = await startRun('--once --feed items', { world });
    expect(status).toBe(0);
    expect(io.out()).toContain(`note  items: ${PARKED}`);
  });

  it('leave out a batch that a person gave back meanwhile, and one that this run parked itself', async () => {
    const world = fakeWorld();
    park(world, 'items');
    world.work = () => {
      world.objects.delete('parked/items/w-1.json');
      park(world, 'items', { batch: 'w-2' });
    };
    expect(await warningsOf(world)).toEqual([]);
  });

  it('do not repeat a parked window that failed this very schedule', async () => {
    const world = fakeWorld();
    park(world, 'items');
    const cause = { errorType: 'BatchParked', errorMessage: 'w-1 is parked since then', feed: 'items' };
    world.work = () => {
      world.executions.push(
        failedExecution({ error: 'BatchParked', cause: JSON.stringify(cause), failedState: 'PlanBatch' }),
      );
    };
    expect(await warningsOf(world)).toEqual([]);
  });

  it('tell of many parked batches by number', async () => {
    const world = fakeWorld();
    for (let i = 10; i < 35; i += 1) park(world, 'items', { batch: `w-${i}` });
    const warnings = await warningsOf(world);
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toBe('5 more batches are parked under parked/items/');
  });
});
