import { fateOf, THROTTLED } from '../fates.ts';
import type { Facts, Trouble } from './facts.ts';
import { PATIENCE_MS } from './need.ts';
import { stale } from './needs/stale.ts';
import type { Finding } from './subject.ts';

/** What passes by itself gets its time; all else asks for a person at once. */
export const mayPass = (error: string): boolean => {
  const fate = fateOf(error);
  return fate === 'retry' || fate === 'wait';
};

/** What Lambda says of a throttle has no word of what to do. */
const toCause = ({ state, error, message }: Trouble): string =>
  error === THROTTLED
    ? `${state} was throttled: the account has no room for more functions at once (${message}); ask for a higher quota of concurrent executions, or spread the schedules`
    : `${error}: ${message}`;

/**
 * The newest of failures that lasted long enough, or of which one does not pass: a feed that is stale by them is told by its cause. What comes
 * behind one that does not pass is told with it: nothing says that it is mended.
 */
export const findTrouble = (troubles: readonly Trouble[], facts: Facts): Finding | undefined => {
  const [first, newest] = [troubles[0], troubles.at(-1)];
  if (first === undefined || newest === undefined) return undefined;
  const lasting = troubles.findLast(({ error }) => !mayPass(error));
  const hasLasted = facts.nowMs - first.atMs >= PATIENCE_MS || stale.find(facts) !== undefined;
  if (lasting === undefined && !hasLasted) return undefined;
  const { batch, asked, error } = newest;
  const before = lasting === undefined || lasting.error === error ? '' : `; before it ${toCause(lasting)}`;
  return { sinceMs: first.atMs, batch, asked, error, cause: `${toCause(newest)}${before}` };
};
