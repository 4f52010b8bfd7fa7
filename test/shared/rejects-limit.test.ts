import { expect, test } from 'vitest';
import { findExcess } from '../../shared/rejects-limit.ts';

const LIMITS = { count: 10, percent: 1 };

test('rejects are too many only when they are over both limits', () => {
  expect(findExcess(10, 0, LIMITS)).toBeUndefined();
  expect(findExcess(11, 1089, LIMITS)).toBeUndefined();
  expect(findExcess(0, 0, { count: 0, percent: 0 })).toBeUndefined();
  expect(findExcess(11, 0, LIMITS)).toBe(
    '11 rejects, 100% of its rows, allowed 10 rejects or 1%: it is over both',
  );
});

test('a percentage just over its limit never reads as within it', () => {
  expect(findExcess(11, 1088, LIMITS)).toContain('1.001% of its rows');
  expect(findExcess(1, 9_999_999, { count: 0, percent: 0 })).toBe(
    '1 reject, 0.00001% of its rows, allowed 0 rejects or 0%: it is over both',
  );
  expect(findExcess(1, 20, { count: 0, percent: 0 })).toContain('4.76% of its rows');
});
