import { systemClock } from '../../handlers/adapters/system-clock.ts';
import type { SourceRequest } from '../../handlers/ports/source.ts';
import { type Connection, type Connections, checkUrl } from '../../shared/feed/resolve/connection.ts';
import type { InferredSource } from '../../shared/infer/print-feed.ts';
import { redactDeep } from '../../shared/redact/redact-deep.ts';
import { percentEncode } from '../../shared/source/template.ts';
import { type CommandIo, UsageError } from './command-io.ts';
import { findInputFile, readInput } from './input-file.ts';
import { openLocalSource } from './local-source.ts';
import { readConnections } from './read-connections.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** What `infer` reads: a file, stdin, or one page of a server. */
export interface Sample {
  /** For messages, and the feed's comment. */
  readonly place: string;
  /** What the feed is named after. */
  readonly name: string;
  readonly source: InferredSource;
  readonly connections: Connections;
  open(): Promise<Opened>;
  /** Asks the same address for its schema, by a parameter alone; of servers only. */
  openSchema?(param: readonly [string, string]): Promise<Opened>;
}

export interface Opened {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly charset: string | undefined;
}

/** How long a page may ask to be waited for. */
const LONGEST_WAIT_MS = 60_000;

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

/** Throws UsageError for what is no sample, FeedProblems for wrong connections. */
export const findSample = async (args: VerbArguments, io: CommandIo): Promise<Sample> => {
  const [given = ''] = args.operands;
  const connection = firstValue(args, 'connection');
  if (connection !== undefined || isUrl(given)) return findPage(given, connection, args, io);
  if (args.values.has('param')) throw new UsageError(`--param goes with a URL, got ${given}`);
  const path = given === '-' ? given : await findInputFile(given, io);
  return {
    place: given === '-' ? 'stdin' : given,
    name: given === '-' ? 'sample' : (given.split(/[\\/]/).at(-1) ?? given),
    source: { kind: 's3' },
    connections: new Map(),
    open: async () => ({ chunks: readInput(path, io), charset: undefined }),
  };
};

const findPage = async (
  given: string,
  name: string | undefined,
  args: VerbArguments,
  io: CommandIo,
): Promise<Sample> => {
  const connections =
    name === undefined ? new Map() : await readConnections(firstValue(args, 'feeds') ?? 'feeds', io);
  const connection = name === undefined ? NO_CONNECTION : chooseConnection(connections, name);
  const whole = name === undefined ? given : underConnection(given, name, connection.baseUrl);
  const url = toUrl(whole);
  const params = [...url.searchParams, ...readParams(args)] as const;
  const address = whole.replace(/\?.*$/s, '');
  const query = params.map(([key, value]) => `${percentEncode(key)}=${percentEncode(value)}`).join('&');
  const base = connection.baseUrl.replace(/\/$/, '');
  return {
    place: `${url.origin}${url.pathname}`,
    name: url.pathname.split('/').findLast((step) => step !== '') ?? url.hostname,
    source: {
      kind: 'http',
      connection: name,
      address: name === undefined ? address : address.slice(base.length),
      params,
      page: `${url.origin}${url.pathname}`,
    },
    connections,
    open: () => fetchPage(query === '' ? address : `${address}?${query}`, connection, args, io),
    openSchema: ([key, value]) => fetchPage(`${address}?${key}=${value}`, connection, args, io),
  };
};

const toUrl = (text: string): URL => {
  try {
    return new URL(checkUrl(text, { allowLoopback: true }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

/** A server that no connection names. */
const NO_CONNECTION: Connection = {
  baseUrl: '',
  auth: { kind: 'none' },
  concurrency: 1,
  idleTimeoutMs: 60_000,
  trustedHosts: [],
};

const chooseConnection = (connections: Connections, name: string): Connection => {
  const found = connections.get(name);
  if (found !== undefined) return found;
  const known = [...connections.keys()].join(' ');
  throw new UsageError(
    `--connection ${name}: allowed ${known === '' ? 'none: connections.yaml has none' : known}`,
  );
};

/** A path below a connection's server, or a URL of it. */
const underConnection = (given: string, name: string, baseUrl: string): string => {
  const base = baseUrl.replace(/\/$/, '');
  if (given.startsWith('/')) return base + given;
  if (given.startsWith(`${base}/`)) return given;
  throw new UsageError(
    `got ${given}, allowed with --connection ${name} a path such as /a/b, or a URL below ${base}`,
  );
};

const readParams = (args: VerbArguments): readonly (readonly [string, string])[] =>
  (args.values.get('param') ?? []).map((param) => {
    const at = param.indexOf('=');
    if (at <= 0) throw new UsageError(`--param ${param}: allowed k=v, as in --param size=100`);
    return [param.slice(0, at), param.slice(at + 1)];
  });

/** One page, by what the functions fetch with. */
const fetchPage = async (url: string, connection: Connection, args: VerbArguments, io: CommandIo) => {
  const { source, redactor } = await openLocalSource(args, io);
  const { auth, idleTimeoutMs, caSecret, trustedHosts } = connection;
  const request: SourceRequest = {
    ...{ url, page: 1, headers: [], auth, idleTimeoutMs, caSecret },
    network: connection.network ?? 'public',
    trustedHosts: [new URL(url).host, ...trustedHosts],
  };
  try {
    const limits = { signal: io.signal, deadlineMs: systemClock.now() + LONGEST_WAIT_MS };
    const { body, charset } = await source.open(request, limits);
    return { chunks: body, charset };
  } catch (error) {
    throw redactDeep(error, redactor.redact);
  }
};
