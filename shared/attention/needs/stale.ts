import { type Need, toAge } from '../need.ts';
import { toLook, type } from '../remedies/remedy.ts';

/** Nothing new came, whatever the reason is, or what came waits for a load. */
export const stale: Need = {
  word: 'stale',
  heading: 'FeedStale',
  says: 'is stale',
  over: 'is up to date again',
  isOf: 'consequence',
  find: ({ nowMs, staleAfterMs, loadEveryMs, sealedMs, pending: { batches, oldestMs } }) => {
    if (staleAfterMs === undefined) return undefined;
    const limit = `alerts.staleAfter is ${toAge(staleAfterMs)}`;
    if (oldestMs !== undefined && nowMs - oldestMs > staleAfterMs + loadEveryMs) {
      const waiting = `${batches.length} sealed ${batches.length === 1 ? 'batch has' : 'batches have'} waited for a load`;
      return { sinceMs: oldestMs, cause: `${waiting} for ${toAge(nowMs - oldestMs)}; ${limit}` };
    }
    if (sealedMs === undefined || nowMs - sealedMs <= staleAfterMs) return undefined;
    return { sinceMs: sealedMs, cause: `nothing was sealed for ${toAge(nowMs - sealedMs)}; ${limit}` };
  },
  ways: ({ feed }) => [[type(toLook({ feed }))]],
};
