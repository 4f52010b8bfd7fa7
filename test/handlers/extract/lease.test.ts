import { describe, expect, it } from 'vitest';
import { releaseLease, takeLease } from '../../../handlers/extract/lease.ts';
import { LeaseHeld } from '../../../shared/errors.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';

const START = Date.parse('2026-11-23T12:00:00Z');

const world = () => {
  const records = memoryRecordStore();
  const take = (execution: string, seconds: number, givesWay = false) => {
    const nowMs = START + seconds * 1000;
    return takeLease(records, 'items', { execution, startMs: nowMs, nowMs, givesWay });
  };
  return { take, release: (execution: string) => releaseLease(records, 'items', execution) };
};

describe('a lease that gives way', () => {
  it('is not taken anew before who waits for it, though it asks first', async () => {
    const { take, release } = world();
    await take('range-1', 0, true);
    await expect(take('schedule', 10)).rejects.toThrow(LeaseHeld);
    await release('range-1');
    await expect(take('range-2', 11, true)).rejects.toThrow(
      'a schedule that waits for the source and goes first',
    );
    await take('schedule', 35);
    await release('schedule');
    await take('range-3', 45, true);
  });

  it('is taken where who waited came no more', async () => {
    const { take, release } = world();
    await take('range-1', 0, true);
    await expect(take('schedule', 10)).rejects.toThrow(LeaseHeld);
    await release('range-1');
    await take('range-2', 41, true);
    await expect(take('schedule', 42)).rejects.toThrow(LeaseHeld);
  });

  it('is not waited for by another range', async () => {
    const { take, release } = world();
    await take('range-1', 0, true);
    await expect(take('other', 10, true)).rejects.toThrow(LeaseHeld);
    await release('range-1');
    await take('range-2', 11, true);
  });
});
