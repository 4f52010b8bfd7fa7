import { describe, expect, it } from 'vitest';
import {
  memoryMibOf,
  ONE_VCPU_MIB,
  readingMib,
  S3_MEGABYTES_PER_SECOND,
  SLICE_MEGABYTES_PER_CPU_SECOND,
} from '../../infra/function-memory.ts';

/** Seconds that a GB takes with so much memory: S3's pace, or the pace of the processor time, one vCPU at most. */
const secondsPerGb = (mib: number, megabytesPerCpuSecond: number): number =>
  1000 / Math.min(S3_MEGABYTES_PER_SECOND, megabytesPerCpuSecond * Math.min(1, mib / ONE_VCPU_MIB));

const SIZES = Array.from({ length: 10_240 - 127 }, (_, n) => n + 128);

/** Of the sizes that cost the least GB-seconds a GB, within a thousandth, the one that takes the least time. */
const cheapestThenFastest = (speed: number): number => {
  const cost = (mib: number): number => (mib / 1024) * secondsPerGb(mib, speed);
  const least = Math.min(...SIZES.map(cost));
  return SIZES.filter((mib) => cost(mib) <= least * 1.0001).reduce((best, mib) =>
    secondsPerGb(mib, speed) < secondsPerGb(best, speed) ? mib : best,
  );
};

describe('the memory of ExtractSlice', () => {
  it.each([20, SLICE_MEGABYTES_PER_CPU_SECOND, 89, 100, 180])(
    'is the fastest of the cheapest per GB where a vCPU reads %i MB a second',
    (speed) => {
      expect(Math.abs(readingMib(speed) - cheapestThenFastest(speed))).toBeLessThanOrEqual(1);
    },
  );

  it('is that of the speed measured', () => {
    expect(memoryMibOf('ExtractSlice')).toBe(cheapestThenFastest(SLICE_MEGABYTES_PER_CPU_SECOND));
  });
});
