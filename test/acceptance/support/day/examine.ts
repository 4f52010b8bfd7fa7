import type { DayFeed } from './feed.ts';
import type { World } from './world.ts';

/** What differs, with both sides of it. */
const toText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { message, stack = '' } = error;
  const sides =
    'actual' in error && 'expected' in error
      ? `\n  found:    ${JSON.stringify(error.actual)}\n  expected: ${JSON.stringify(error.expected)}`
      : '';
  const place = stack.split('\n').find((line) => line.includes('/day/')) ?? '';
  return `${message.split('\n')[0]}${sides}\n${place}`;
};

/**
 * Checks a feed that nothing was wrong with so far. The day goes on without one where something is, so that a long day finds more than
 * its first disagreement; it fails at its end.
 */
export const examine = async (
  world: World,
  { name, truth, plannedMs, fromMs, empty }: DayFeed,
  why: string,
  check: () => Promise<void>,
): Promise<void> => {
  if (world.wrong.has(name)) return;
  try {
    await check();
  } catch (error) {
    world.wrong.set(name, `${why}: ${toText(error)}`);
    world.tell(`WRONG: ${name}: ${why}: ${toText(error)}`);
    const { pending, parked, failures, loadFailures } = truth;
    const told = { pending: [...pending], parked: [...parked], failures, loadFailures };
    world.tell(`truth of ${name}: ${JSON.stringify({ ...told, plannedMs, fromMs, empty: [...empty] })}`);
  }
};
