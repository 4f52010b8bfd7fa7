import { expect, test } from 'vitest';
import { batchParked, nameBatches } from '../../../shared/state/events.ts';

test('an event names 20 batches, and says how many more there are', () => {
  const names = Array.from({ length: 23 }, (_, n) => `w-${n}`);
  expect(nameBatches(names)).toEqual({ count: 23, names: names.slice(0, 20), unnamed: 3 });
  const told = { feed: 'f', state: 'Load', error: 'e', cause: 'c', batches: nameBatches(names) };
  expect(batchParked.safeParse(told).success).toBe(true);
});
