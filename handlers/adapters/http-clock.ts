import { showUrl } from '../../shared/source/trusted-hosts.ts';
import type { SourceClock } from '../ports/source.ts';
import { idleWatch } from './http-body.ts';
import { fetchOnce } from './http-request.ts';

/** The clock that a server tells with each answer. */
export const httpClock: SourceClock = {
  readClock: async (url, idleTimeoutMs, signal) => {
    const watch = idleWatch(idleTimeoutMs, signal);
    const response = await fetchOnce(new URL(url), showUrl(url), { method: 'HEAD' }, watch);
    const ms = Date.parse(response.headers.get('date') ?? '');
    // A cache answers with the source's Date of then, and says how long ago that was (RFC 9111, 5.1).
    const age = Number(response.headers.get('age') ?? 0);
    return Number.isNaN(ms) ? undefined : ms + (age > 0 ? age * 1000 : 0);
  },
};
