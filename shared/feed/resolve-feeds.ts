import { targetTables } from '../model/contract.ts';
import type { Feed, FeedsFile } from '../model/feed.ts';
import { landingOf, overlap } from '../model/landing.ts';
import type { Problem } from './document/yaml-source.ts';
import type { ParseFeedOptions } from './parse-feed.ts';
import { parseFeed } from './parse-feed.ts';
import type { ConnectionsResult } from './resolve/connection.ts';
import { resolveConnections } from './resolve/connection.ts';

/** All feeds of a folder at once: what synthesis, the command line and the functions share. */

export interface ResolveFeedsOptions extends Pick<ParseFeedOptions, 'allowLoopback'> {
  /** Name of the connections file in problems. @default connections.yaml */
  readonly connectionsFile?: string | undefined;
  /** Name of its overlay in problems. @default connections.<env>.yaml */
  readonly overlayFile?: string | undefined;
}

export interface FeedsResult {
  /** The feeds without problems, by name. */
  readonly feeds: FeedsFile;
  readonly problems: readonly Problem[];
}

const connectionOf = ({ source }: Feed): string | undefined =>
  source.kind === 'http' ? source.connection : undefined;

/** Divides what a connection may be asked, at once and in a second, among its feeds, so that together they never ask more. */
const shareLimits = (feed: Feed, feeds: readonly Feed[]): Feed => {
  const { source } = feed;
  const name = connectionOf(feed);
  if (source.kind !== 'http' || name === undefined) return feed;
  const users = feeds.filter((other) => connectionOf(other) === name).length;
  const { requestsPerSecond: rate } = source;
  return {
    ...feed,
    source: {
      ...source,
      concurrency: Math.max(1, Math.floor(source.concurrency / users)),
      ...(rate === undefined ? {} : { requestsPerSecond: rate / users }),
    },
  };
};

/** Connections with more feeds than they may serve at once. */
const overloaded = (
  feeds: readonly Feed[],
  { connections, sources }: ConnectionsResult,
): readonly Problem[] =>
  [...sources].flatMap(([name, source]) => {
    const concurrency = connections?.get(name)?.concurrency;
    const users = feeds.filter((feed) => connectionOf(feed) === name).length;
    if (concurrency === undefined || users <= concurrency) return [];
    const message = `${name}.limits.concurrency: got ${concurrency}, allowed at least ${users}, one for each of its feeds`;
    return [source.problem([name, 'limits', 'concurrency'], message)];
  });

/** An object is one feed's: feeds whose places in a bucket of others overlap. */
const overlapping = (feeds: readonly Feed[]): readonly Problem[] => {
  const places = feeds.flatMap(({ feed, source }) =>
    source.kind === 's3' && source.bucket !== undefined ? [{ feed, landing: landingOf(feed, source) }] : [],
  );
  return places.flatMap(({ feed, landing }, i) =>
    places
      .slice(0, i)
      .filter((other) => overlap(other.landing, landing))
      .map((other) => ({
        file: `${feed}.yaml`,
        line: 1,
        column: 1,
        message: `source.s3.prefix: got ${landing.prefix}, which overlaps with ${other.landing.prefix} of feed ${other.feed} in the same bucket, allowed apart: an object is read for one feed`,
      })),
  );
};

/** A listing has one feed's keys: the rows that another feed loads into its table would all be gone. */
const comparedAndShared = (feeds: readonly Feed[]): readonly Problem[] =>
  feeds.flatMap(({ feed, comparison, contract }) => {
    const [target] = contract.tables;
    if (comparison === undefined || target === undefined) return [];
    return feeds
      .filter((other) => other.feed !== feed)
      .filter((other) => targetTables(other.contract).some(({ table }) => table === target.table))
      .map((other) => ({
        file: `${feed}.yaml`,
        line: 1,
        column: 1,
        message: `deletes.${target.table}.compareKeys: feed ${other.feed} loads into ${target.table} too, and its rows would be taken for gone: allowed for a table that one feed alone loads`,
      }));
  });

/** Tombstones bind the loads of feeds that have them: through another feed, an older version of a deleted row would come back. */
const deletedAndShared = (feeds: readonly Feed[]): readonly Problem[] => {
  const deletedBy = ({ contract }: Feed) =>
    contract.tables.flatMap(({ deletes }) => (deletes === undefined ? [] : [deletes.table]));
  return feeds.flatMap((feed) =>
    deletedBy(feed).flatMap((target) =>
      feeds
        .filter((other) => targetTables(other.contract).some(({ table }) => table === target))
        .filter((other) => !deletedBy(other).includes(target))
        .map((other) => ({
          file: `${feed.feed}.yaml`,
          line: 1,
          column: 1,
          message: `deletes.${target}: feed ${other.feed} loads into ${target} too and has no deletes of it, so that deleted rows would come back with it: allowed with deletes in both, or for a table that one feed alone loads`,
        })),
    ),
  );
};

/** Reads feed files with their connections; files are those of a folder, connections left out. */
export const resolveFeeds = (
  files: readonly { readonly name: string; readonly text: string }[],
  connectionsText: string | undefined,
  overlayText: string | undefined,
  options: ResolveFeedsOptions,
): FeedsResult => {
  const {
    allowLoopback,
    connectionsFile = 'connections.yaml',
    overlayFile = 'connections.<env>.yaml',
  } = options;
  const texts = [
    { file: connectionsFile, text: connectionsText },
    { file: overlayFile, text: overlayText },
  ].flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
  const result = resolveConnections(texts, { allowLoopback });
  const { connections, problems } = result;
  const results = files.map(({ name, text }) => parseFeed(text, { file: name, connections, allowLoopback }));
  const resolved = results.flatMap((result) => (result.ok ? [result.feed] : []));
  return {
    feeds: Object.fromEntries(resolved.map((feed) => [feed.feed, shareLimits(feed, resolved)])),
    problems: [
      ...problems,
      ...overloaded(resolved, result),
      ...overlapping(resolved),
      ...comparedAndShared(resolved),
      ...deletedAndShared(resolved),
      ...results.flatMap((result) => (result.ok ? [] : result.problems)),
    ],
  };
};
