import { expect } from 'vitest';

/** What work costs when its input grows. */

/** Some systems count CPU in ticks of 4 ms: less than a few of them says nothing. */
const LEAST_MICROSECONDS = 24_000;
const MOST_DOUBLINGS = 10;
const GROWTH = 8;
/** Of eight times the size once, against the size eight times: as much where the work is linear, eight times as much where it is a square. */
const MOST_TIMES = 3;
const ROUNDS = 5;

type Work = () => unknown;

/** Of this thread alone, so that what runs beside it does not count. */
const costOf = async (work: Work, times: number): Promise<number> => {
  const before = process.threadCpuUsage();
  for (let n = 0; n < times; n += 1) await work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
};

/** The size from which on the work can be measured, also once it is compiled: what runs first costs several times as much. */
const findSize = async (size: number, toWork: (size: number) => Work): Promise<number> => {
  let found = size;
  for (let doubling = 0; doubling < MOST_DOUBLINGS; doubling += 1) {
    const work = toWork(found);
    await costOf(work, 1);
    if ((await costOf(work, GROWTH)) >= LEAST_MICROSECONDS) break;
    found *= 2;
  }
  return found;
};

/**
 * Expects that input of eight times the size costs at most three times as much as the input eight times. Both read and allocate the same,
 * so that the collector, the caches and the machine weigh on both alike; no bound on twice the size is safe from them. What disturbs a
 * round may make either cost larger than it is, so that only the least costs of all rounds are believed.
 */
export const expectLinear = async (size: number, toWork: (size: number) => Work): Promise<void> => {
  const from = await findSize(size, toWork);
  const [one, many] = [toWork(from), toWork(GROWTH * from)];
  const least = { one: Number.POSITIVE_INFINITY, many: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round += 1) {
    least.one = Math.min(least.one, Math.max(1, await costOf(one, GROWTH)));
    least.many = Math.min(least.many, await costOf(many, 1));
    if (least.many <= MOST_TIMES * least.one) return;
  }
  expect.fail(
    `${GROWTH} times the size, ${from} before, costs ${(least.many / least.one).toFixed(1)} times as much as that ${GROWTH} times, allowed ${MOST_TIMES}`,
  );
};
