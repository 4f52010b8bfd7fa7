import type { HttpSource } from '../../../shared/model/feed.ts';
import { isPlaceholderHost } from '../../../shared/source/placeholder-host.ts';
import { type Check, type DoctorDeps, type Finding, ok } from './check.ts';
import { orWrong } from './or-wrong.ts';

/** A clock that is off by more makes windows wait, or end before what is there: they stay behind the source's own. */
const MOST_OFF_MS = 60_000;

/** The servers that feeds ask: whether each answers at all, and what its clock says. No login is tried. */
export const sources: Check = {
  name: 'sources',
  needsDeployment: false,
  look: async (deps) => {
    const servers = new Map<string, Server>();
    for (const { feed, source } of deps.feeds)
      if (source.kind === 'http')
        servers.set(`${originOf(source)} ${source.network} ${source.caSecret}`, { feed, source });
    return Promise.all([...servers.values()].map((server) => lookAt(server, deps)));
  },
};

/** A server, by one of the feeds that ask it. */
interface Server {
  readonly feed: string;
  readonly source: HttpSource;
}

const originOf = ({ url }: HttpSource): string => new URL(url.replaceAll(/\$\{[^}]*\}/g, 'x')).origin;

/** Where the address of a server is written. */
const writtenIn = ({ feed, source: { connection } }: Server): string =>
  connection === undefined
    ? `\`url\` of feed ${feed}`
    : `\`baseUrl\` of connection ${connection} in connections.yaml`;

/** What to do about a server that does not answer, by what the system says of it. */
const toRemedy = (server: Server, error: unknown): string => {
  const written = writtenIn(server);
  if (codesOf(error).includes('ECONNREFUSED')) return `start the server, or mend host and port in ${written}`;
  if (codesOf(error).includes('ENOTFOUND')) return `mend the host in ${written}, or look at DNS`;
  return `look at ${written}, at DNS, and at the server’s certificate`;
};

const codesOf = (error: unknown): readonly unknown[] =>
  error instanceof Error ? ['code' in error ? error.code : undefined, ...codesOf(error.cause)] : [];

/** A name that stands for one that is still to be written, which no answer comes from: nothing is wrong, and nothing can be read. */
const isPlaceholder = (origin: string, error: unknown): boolean =>
  codesOf(error).some((code) => code === 'ENOTFOUND' || code === 'EAI_AGAIN') &&
  isPlaceholderHost(new URL(origin).hostname);

const lookAt = async (
  server: Server,
  { sourceClock, clock, isOwnMachine, signal }: DoctorDeps,
): Promise<Finding> => {
  const { source } = server;
  const origin = originOf(source);
  const of = `source ${origin}`;
  if (source.network === 'vpc' && !isOwnMachine) {
    const says = "is reached from the deployment's subnets alone, and was not tried";
    return { of, state: 'unknown', says, remedy: 'start a feed that reads it: npx millrace trigger FEED' };
  }
  const { idleTimeoutMs, caSecret } = source;
  const route = { network: source.network ?? 'public', idleTimeoutMs, caSecret } as const;
  const asked = sourceClock.readClock(`${origin}/`, route, signal);
  const error: unknown = await asked.then(
    () => undefined,
    (reason) => reason,
  );
  if (isPlaceholder(origin, error)) {
    const says = 'is a placeholder: no server has a name that is reserved for examples (RFC 2606)';
    return { of, state: 'unknown', says, remedy: `write your server's address into ${writtenIn(server)}` };
  }
  return orWrong(of, toRemedy(server, error), async () => {
    const at = await asked;
    if (at === undefined) return ok(of, 'answers, and tells no clock');
    const offMs = at - clock.now();
    if (Math.abs(offMs) <= MOST_OFF_MS) return ok(of, 'answers, and its clock is right');
    const says = `answers, and its clock is ${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'ahead' : 'behind'}`;
    return { of, state: 'wrong', says, remedy: 'windows end by that clock: set it, or this one' };
  });
};
