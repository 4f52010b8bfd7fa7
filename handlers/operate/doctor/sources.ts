import type { HttpSource } from '../../../shared/model/feed.ts';
import { type Check, type DoctorDeps, type Finding, ok } from './check.ts';
import { orWrong } from './or-wrong.ts';

/** A clock that is off by more makes windows wait, or end before what is there: they stay behind the source's own. */
const MOST_OFF_MS = 60_000;

/** The servers that feeds ask: whether each answers at all, and what its clock says. No login is tried. */
export const sources: Check = {
  name: 'sources',
  needsDeployment: false,
  look: async (deps) => {
    const servers = new Map<string, HttpSource>();
    for (const { source } of deps.feeds)
      if (source.kind === 'http')
        servers.set(`${originOf(source)} ${source.network} ${source.caSecret}`, source);
    return Promise.all([...servers.values()].map((source) => lookAt(source, deps)));
  },
};

const originOf = ({ url }: HttpSource): string => new URL(url.replaceAll(/\$\{[^}]*\}/g, 'x')).origin;

const lookAt = async (
  source: HttpSource,
  { sourceClock, clock, isOwnMachine, signal }: DoctorDeps,
): Promise<Finding> => {
  const origin = originOf(source);
  const of = `source ${origin}`;
  if (source.network === 'vpc' && !isOwnMachine) {
    const says = "is reached from the deployment's subnets alone, and was not tried";
    return { of, state: 'unknown', says, remedy: 'start a feed that reads it: npx millrace trigger FEED' };
  }
  const { idleTimeoutMs, caSecret } = source;
  return orWrong(of, 'look at the connection’s baseUrl, at DNS, and at its certificate', async () => {
    const route = { network: source.network ?? 'public', idleTimeoutMs, caSecret } as const;
    const at = await sourceClock.readClock(`${origin}/`, route, signal);
    if (at === undefined) return ok(of, 'answers, and tells no clock');
    const offMs = at - clock.now();
    if (Math.abs(offMs) <= MOST_OFF_MS) return ok(of, 'answers, and its clock is right');
    const says = `answers, and its clock is ${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'ahead' : 'behind'}`;
    return { of, state: 'wrong', says, remedy: 'windows end by that clock: set it, or this one' };
  });
};
