import { showUrl } from '../../shared/source/trusted-hosts.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { SourceClock } from '../ports/source.ts';
import { idleWatch } from './http-body.ts';
import { fetchOnce } from './http-request.ts';
import type { Transports } from './http-transport.ts';

/** The clock that a server tells with each answer. */
export const httpClock = (deps: {
  readonly secrets: Secrets;
  readonly transports: Transports;
}): SourceClock => ({
  readClock: async (url, route, signal) => {
    const watch = idleWatch(route.idleTimeoutMs, signal);
    const line = { watch, transport: await deps.transports.open(route, deps.secrets) };
    const response = await fetchOnce(new URL(url), showUrl(url), { method: 'HEAD' }, line);
    const ms = Date.parse(response.headers.get('date') ?? '');
    // A cache answers with the source's Date of then, and says how long ago that was (RFC 9111, 5.1).
    const age = Number(response.headers.get('age') ?? 0);
    return Number.isNaN(ms) ? undefined : ms + (age > 0 ? age * 1000 : 0);
  },
});
