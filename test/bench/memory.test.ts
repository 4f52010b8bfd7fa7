import { expect, test } from 'vitest';
import { measureMemory } from './memory.ts';

test('500 MB are converted in the memory that 20 MB take, under 220 MB', async () => {
  const small = await measureMemory(20e6);
  const large = await measureMemory(500e6);
  expect([small.status, large.status], small.stderr + large.stderr).toEqual([0, 0]);
  expect(large.peakMegabytes).toBeLessThan(220);
  expect(large.peakMegabytes).toBeLessThan(small.peakMegabytes * 1.3);
}, 180_000);
