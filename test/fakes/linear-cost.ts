import { expect } from 'vitest';

/** What work costs when its input grows. */

/** Some systems count CPU in ticks of 4 ms: less than a few of them says nothing. */
const TICK_MICROSECONDS = 4_000;
const LEAST_MICROSECONDS = 3 * TICK_MICROSECONDS;
const MOST_DOUBLINGS = 6;
const GROWTH = 8;
/** The collector and a cache that is full make a cost step up, each some twice; a square makes it 64 times as large. */
const MOST_COST = 24;
const ROUNDS = 5;

type Work = () => unknown;

/** Of this thread alone, so that what runs beside it does not count. */
const costOf = async (work: Work): Promise<number> => {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
};

/** The size from which on the work can be measured, also once it is compiled: what runs first costs several times as much. */
const findSize = async (size: number, toWork: (size: number) => Work): Promise<number> => {
  let found = size;
  for (let doubling = 0; doubling < MOST_DOUBLINGS; doubling += 1) {
    const work = toWork(found);
    if ((await costOf(work)) >= LEAST_MICROSECONDS && (await costOf(work)) >= LEAST_MICROSECONDS) break;
    found *= 2;
  }
  return found;
};

/**
 * Expects that input of eight times the size costs at most 24 times the CPU. What is linear costs eight times, what is quadratic 64 times:
 * the bound lies as far from both as it can, since no bound on twice the size is safe from a step of the machine's own. What
 * disturbs a round may make either cost larger than it is, so only the least costs of all rounds are believed.
 */
export const expectLinear = async (size: number, toWork: (size: number) => Work): Promise<void> => {
  const from = await findSize(size, toWork);
  const [one, many] = [toWork(from), toWork(GROWTH * from)];
  const least = { one: Number.POSITIVE_INFINITY, many: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round += 1) {
    least.one = Math.min(least.one, Math.max(TICK_MICROSECONDS, await costOf(one)));
    least.many = Math.min(least.many, await costOf(many));
    if (least.many <= MOST_COST * least.one) return;
  }
  expect.fail(
    `${GROWTH} times the size, ${from} before, costs ${Math.round(least.many / least.one)} times the CPU, allowed ${MOST_COST} times`,
  );
};
