import { expect } from 'vitest';

/** What work costs when its input grows. */

/** Some systems count CPU in ticks of 4 ms: less than a few of them says nothing. */
const LEAST_MICROSECONDS = 12_000;
const SLACK_MICROSECONDS = 6_000;
const MOST_DOUBLINGS = 6;
const MOST_STEPS = 3;
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
 * The least costs of both in a few rounds. One round is enough where it shows twice the cost; what disturbs a round may make either cost
 * larger than it is, so less than 2.5 times is believed of the least costs of all rounds alone.
 */
const compare = async (once: Work, twice: Work) => {
  const least = { once: Number.POSITIVE_INFINITY, twice: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round += 1) {
    least.once = Math.min(least.once, await costOf(once));
    least.twice = Math.min(least.twice, await costOf(twice));
    if (least.twice < 2.2 * least.once) break;
  }
  return { ...least, isLinear: least.twice < 2.5 * least.once + SLACK_MICROSECONDS };
};

/**
 * Expects that input of twice the size costs less than 2.5 times the CPU. What is quadratic costs four times at every size; a step, where
 * the collector sets in or the processor's cache is full, is there at one size, and both at two.
 */
export const expectDoubling = async (size: number, toWork: (size: number) => Work): Promise<void> => {
  let from = await findSize(size, toWork);
  const seen: string[] = [];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const { once, twice, isLinear } = await compare(toWork(from), toWork(2 * from));
    if (isLinear) return;
    seen.push(`${once} µs for ${from} became ${twice} µs for twice as much`);
    from *= 2;
  }
  expect(seen, 'the cost of twice the size').toEqual([]);
};
