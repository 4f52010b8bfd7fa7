import type { z } from 'zod';
import { InvalidInput } from '../../errors.ts';
import type { HttpSource } from '../../model/feed.ts';
import { parseDuration } from '../../model/units.ts';
import { isLoopbackHost } from '../../source/addresses.ts';
import { type Auth, urlsOf } from '../../source/auth/registry.ts';
import { SLOWEST_TURN_MS } from '../../source/pace.ts';
import { problemsOf } from '../document/problems.ts';
import type { ConnectionDocument } from '../document/source.ts';
import { connectionsDocument } from '../document/source.ts';
import type { KeyPath, Problem, YamlSource } from '../document/yaml-source.ts';
import { readYaml } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { newCheck } from './check.ts';

/** connections.yaml, overlaid by connections.<env>.yaml, and the same keys inline in a feed. */

/** What a connection, or the same keys inline, says about an http source. */
export type Connection = Pick<
  HttpSource,
  'auth' | 'concurrency' | 'requestsPerSecond' | 'idleTimeoutMs' | 'trustedHosts' | 'caSecret' | 'network'
> & {
  readonly baseUrl: string;
};

/** By name; undefined stands for a connection whose problems are known already. */
export type Connections = ReadonlyMap<string, Connection | undefined>;

export interface ConnectionOptions {
  /** Whether the own machine is allowed, by http too. */
  readonly allowLoopback: boolean;
}

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_IDLE = '60s';
const LOOPBACK = ['127.0.0.1', 'localhost'];

/** The URL, when it may be fetched: https, no user, no fragment, and no variable before its path. Throws InvalidInput. */
export const checkUrl = (text: string, { allowLoopback }: ConnectionOptions): string => {
  if (/^[a-z]+:\/\/[^/?#]*\$/.test(text))
    throw new InvalidInput(`got '${text}', allowed variables after the host only`);
  const sample = text.replace(/\$\{[^}]*\}/g, 'x');
  const url = URL.canParse(sample) ? new URL(sample) : undefined;
  const isLoopback = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  const isAllowed = url?.protocol === 'https:' || (isLoopback && allowLoopback);
  if (url === undefined || !isAllowed) {
    const why = isLoopback ? '; http to this machine only on the local cloud' : '';
    throw new InvalidInput(`got '${text}', allowed https://…${why}`);
  }
  if (isLoopbackHost(url.hostname) && !allowLoopback)
    throw new InvalidInput(`got '${text}', allowed another machine; this one only on the local cloud`);
  if (url.username !== '' || url.password !== '')
    throw new InvalidInput('got a user in the URL, allowed auth with a secret');
  if (url.hash !== '' || sample.includes('#')) throw new InvalidInput(`got '${text}', allowed no fragment`);
  return text;
};

/** A connection's URL: only what comes after it has variables or a query. Throws InvalidInput. */
const checkBaseUrl = (text: string, options: ConnectionOptions): string => {
  if (/[?$]/.test(text)) throw new InvalidInput(`got '${text}', allowed a URL without variables and query`);
  return checkUrl(text, options);
};

const resolveAuth = (auth: Auth, path: KeyPath, options: ConnectionOptions, check: Check): Auth => {
  for (const [key, url] of urlsOf(auth)) check.attempt([...path, key], () => checkBaseUrl(url, options));
  return auth;
};

/** Of `host` or `host:port`. */
const isOwnHost = (host: string): boolean =>
  URL.canParse(`https://${host}`) && isLoopbackHost(new URL(`https://${host}`).hostname);

const HOST = /^[a-z0-9.-]+(:\d{1,5})?$/i;

/** Each slice has to have its turn once a minute. More feeds have fewer slices each, never more together. */
const checkRate = (rate: number | undefined, concurrency: number, path: KeyPath, check: Check): void => {
  const least = Math.ceil((100_000 * concurrency) / SLOWEST_TURN_MS) / 100;
  if (rate === undefined || rate >= least) return;
  check.refuse(
    [...path, 'limits', 'requestsPerSecond'],
    `got ${rate}, allowed at least ${least} for a concurrency of ${concurrency}: a slice's turn comes once a minute`,
  );
};

/** The keys that a connection and an inline source share. */
export const resolveConnectionKeys = (
  keys: Omit<ConnectionDocument, 'baseUrl'>,
  path: KeyPath,
  options: ConnectionOptions,
  check: Check,
): Omit<Connection, 'baseUrl'> => {
  const { auth, limits, trustedHosts = [], tls, network = 'public' } = keys;
  for (const [index, host] of trustedHosts.entries()) {
    if (!HOST.test(host))
      check.refuse([...path, 'trustedHosts', index], `got '${host}', allowed host or host:port`);
    else if (!options.allowLoopback && isOwnHost(host))
      check.refuse(
        [...path, 'trustedHosts', index],
        `got '${host}', allowed another machine; this one only on the local cloud`,
      );
  }
  const idleTimeout = limits?.idleTimeout ?? DEFAULT_IDLE;
  const idleTimeoutMs = parseDuration(idleTimeout);
  if (idleTimeoutMs === 0)
    check.refuse([...path, 'limits', 'idleTimeout'], `got '${idleTimeout}', allowed at least 1s`);
  const { concurrency = DEFAULT_CONCURRENCY, requestsPerSecond } = limits ?? {};
  checkRate(requestsPerSecond, concurrency, path, check);
  return {
    auth: resolveAuth(auth ?? { kind: 'none' }, [...path, 'auth'], options, check),
    concurrency,
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    idleTimeoutMs,
    trustedHosts: trustedHosts.map((host) => host.toLowerCase()),
    ...(tls === undefined ? {} : { caSecret: tls.caSecret }),
    ...(network === 'public' ? {} : { network }),
  };
};

interface ConnectionsFile {
  readonly file: string;
  readonly text: string;
}

interface ReadFile {
  readonly source: YamlSource;
  readonly entries: z.infer<typeof connectionsDocument>;
}

const readFile = ({ file, text }: ConnectionsFile): ReadFile | readonly Problem[] => {
  const yaml = readYaml(text, file, () => false);
  if (!yaml.ok) return yaml.problems;
  const { source } = yaml;
  if (source.value === null) return { source, entries: {} };
  const parsed = connectionsDocument.safeParse(source.value);
  return parsed.success ? { source, entries: parsed.data } : problemsOf(source, parsed.error);
};

const isProblems = (result: ReadFile | readonly Problem[]): result is readonly Problem[] =>
  Array.isArray(result);

export interface ConnectionsResult {
  /** Undefined when a file is wrong, so that not even the names are known. */
  readonly connections: Connections | undefined;
  /** Where the keys of each connection stand. */
  readonly sources: ReadonlyMap<string, YamlSource>;
  readonly problems: readonly Problem[];
}

/** A connection of all files together, and which of them each key is from. */
interface Merged {
  readonly keys: ConnectionDocument;
  readonly origins: ReadonlyMap<string, YamlSource>;
  /** The last file that names it, for what is missing. */
  readonly last: YamlSource;
}

/** The files over each other: keys of a later one replace those of the same connection one by one. */
const mergeFiles = (files: readonly ReadFile[]): ReadonlyMap<string, Merged> => {
  const merged = new Map<string, Merged>();
  for (const { entries, source } of files) {
    for (const [name, keys] of Object.entries(entries)) {
      const known = merged.get(name);
      const origins = new Map(known?.origins);
      for (const key of Object.keys(keys)) origins.set(key, source);
      merged.set(name, { keys: { ...known?.keys, ...keys }, origins, last: source });
    }
  }
  return merged;
};

/** The merged connection as a file of its own, whose problems are where their keys stand. */
const toSource = (name: string, { keys, origins, last }: Merged): YamlSource => ({
  value: { [name]: keys },
  problem: (path, message, at) => (origins.get(String(path[1])) ?? last).problem(path, message, at),
});

const resolveConnection = (
  name: string,
  keys: ConnectionDocument,
  options: ConnectionOptions,
  check: Check,
): Connection | undefined => {
  const { baseUrl } = keys;
  if (baseUrl === undefined) check.refuse([name, 'baseUrl'], 'is missing, allowed https://…', 'key');
  else check.attempt([name, 'baseUrl'], () => checkBaseUrl(baseUrl, options));
  const rest = resolveConnectionKeys(keys, [name], options, check);
  return check.problems.length > 0 || baseUrl === undefined ? undefined : { ...rest, baseUrl };
};

/** Reads the connections file and its overlay, whose keys replace those of the same connection one by one. */
export const resolveConnections = (
  files: readonly ConnectionsFile[],
  options: ConnectionOptions,
): ConnectionsResult => {
  const results = files.map(readFile);
  const faults = results.flatMap((result) => (isProblems(result) ? result : []));
  if (faults.length > 0) return { connections: undefined, sources: new Map(), problems: faults };
  const read = results.flatMap((result) => (isProblems(result) ? [] : [result]));
  const connections = new Map<string, Connection | undefined>();
  const sources = new Map<string, YamlSource>();
  const problems: Problem[] = [];
  for (const [name, merged] of mergeFiles(read)) {
    const source = toSource(name, merged);
    sources.set(name, source);
    const check = newCheck(source);
    const connection = resolveConnection(name, merged.keys, options, check);
    problems.push(...check.problems);
    connections.set(name, connection);
  }
  return { connections, sources, problems };
};
