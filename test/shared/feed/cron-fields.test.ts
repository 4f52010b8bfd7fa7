import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCronProblem } from '../../../shared/feed/resolve/cron-fields.ts';

const problemOf = (fields: string): string | undefined => findCronProblem(fields.split(' '));

describe('the fields of a cron expression', () => {
  // Those of https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html, and their kin.
  test.each([
    '0 10 * * ? *',
    '15 12 * * ? *',
    '0 18 ? * MON-FRI *',
    '0 8 1 * ? *',
    '0/15 * * * ? *',
    '0/10 * ? * MON-FRI *',
    '0/5 8-17 ? * MON-FRI *',
    '15 10 ? * 6L 2022-2023',
    '0 0 L * ? *',
    '0 0 LW * ? *',
    '0 0 3W * ? *',
    '0 0 L,15 * ? *',
    '0 0 ? * 3#2 *',
    '0 0 ? * tue#5 *',
    '0 0 ? * L *',
    '0 0 ? * FRIL *',
    '0 0 ? * SUN,TUE,5-7 *',
    '0,30 0-23/2 1-31 JAN,FEB,3-DEC ? 2026/2',
    '*/5 */2 */3 */4 ? */5',
    '59 23 31 12 ? 2199',
  ])('may be %s', (fields) => {
    expect(problemOf(fields)).toBeUndefined();
  });

  test.each([
    ['99 77 * * ? *', "minutes '99', allowed 0-59"],
    ['0 24 * * ? *', "hours '24', allowed 0-23"],
    ['0 0 0 * ? *', "day-of-month '0', allowed 1-31"],
    ['0 0 32W * ? *', "day-of-month '32W', allowed 1-31"],
    ['0 0 1 13 ? *', "month '13', allowed 1-12 or JAN-DEC"],
    ['0 0 1 MON ? *', "month 'MON', allowed 1-12 or JAN-DEC"],
    ['0 0 ? * 0 *', "day-of-week '0', allowed 1-7 or SUN-SAT"],
    ['0 0 ? * 8 *', "day-of-week '8', allowed 1-7 or SUN-SAT"],
    ['0 0 ? * FRI-MON *', "day-of-week 'FRI-MON', allowed 1-7 or SUN-SAT, a range from its smaller value"],
    ['0 22-2 * * ? *', "hours '22-2', allowed 0-23, a range from its smaller value"],
    ['0 0 ? * 3#6 *', "day-of-week '3#6', allowed 1-7 or SUN-SAT"],
    ['0 0 ? * 3#1,6#3 *', "day-of-week '3#1,6#3', allowed a single one where it has a #"],
    ['0 0 1 * ? 1969', "year '1969', allowed 1970-2199"],
    ['0,60 0 1 * ? *', "minutes '60', allowed 0-59"],
    ['0-60 0 1 * ? *', "minutes '0-60', allowed 0-59"],
    ['0/0 0 1 * ? *', "minutes '0/0', allowed 0-59"],
    ['L 0 1 * ? *', "minutes 'L', allowed 0-59"],
    ['0 ? 1 * ? *', "hours '?', allowed 0-23"],
    ['0,,1 0 1 * ? *', "minutes '', allowed 0-59"],
  ])('may not be %s', (fields, problem) => {
    expect(problemOf(fields)).toBe(problem);
  });

  test('hold any value of their range and none beside it', () => {
    const ranges = [
      [0, 59],
      [0, 23],
      [1, 31],
      [1, 12],
      [1, 7],
      [1970, 2199],
    ] as const;
    fc.assert(
      fc.property(fc.nat(5), fc.nat(2500), fc.nat(2500), (index, from, to) => {
        const fields = Array.from({ length: 6 }, (_, n) => (n === index ? `${from}-${to}` : '*'));
        const [least = 0, most = 0] = ranges[index] ?? [];
        const isWithin = [from, to].every((value) => value >= least && value <= most);
        expect(findCronProblem(fields) === undefined).toBe(isWithin && from <= to);
      }),
    );
  });
});
