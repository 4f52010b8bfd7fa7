import type { Feed } from '../../model/feed.ts';
import { parseDuration } from '../../model/units.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { Check } from './check.ts';

const SHORTEST = '5m';
const LONGEST = '999d';

/** When a person is told of the feed; undefined where the file does not say. */
export const resolveAlerts = ({ alerts }: FeedDocument, check: Check): Feed['alerts'] => {
  if (alerts === undefined) return undefined;
  const { staleAfter } = alerts;
  if (staleAfter === undefined) return {};
  const staleAfterMs = parseDuration(staleAfter);
  if (staleAfterMs < parseDuration(SHORTEST) || staleAfterMs > parseDuration(LONGEST)) {
    check.refuse(['alerts', 'staleAfter'], `got ${staleAfter}, allowed ${SHORTEST} to ${LONGEST}`);
  }
  return { staleAfterMs };
};
