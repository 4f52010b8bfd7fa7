import type { Feed } from '../../model/feed.ts';
import { EVERY_BATCH, MAX_LOAD_BYTES, parseCadence } from '../../model/load-cadence.ts';
import { parseSize } from '../../model/units.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { Check } from './check.ts';

/** When the feed's batches are loaded; undefined where the file does not say. */
export const resolveLoad = ({ load }: FeedDocument, check: Check): Feed['load'] => {
  if (load === undefined) return undefined;
  const { every, maxBytes } = load;
  const isEveryBatch = every === EVERY_BATCH;
  const everyMs =
    every === undefined || isEveryBatch
      ? undefined
      : check.attempt(['load', 'every'], () => parseCadence(every));
  const bytes =
    maxBytes === undefined ? undefined : check.attempt(['load', 'maxBytes'], () => parseSize(maxBytes));
  if (bytes !== undefined && (bytes < 1 || bytes > MAX_LOAD_BYTES)) {
    check.refuse(['load', 'maxBytes'], `got ${maxBytes}, allowed 1B to 1GiB, the most that one load takes`);
  }
  return {
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(isEveryBatch ? { everyBatch: true as const } : {}),
    ...(bytes === undefined ? {} : { maxBytes: bytes }),
  };
};
