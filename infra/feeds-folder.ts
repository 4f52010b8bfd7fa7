import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Problem, printProblem } from '../shared/feed/document/yaml-source.ts';
import type { Feed } from '../shared/feed/feed.ts';
import { resolveFeeds } from '../shared/feed/resolve-feeds.ts';
import { readIfThere } from './read-if-there.ts';

/** Thrown when feed files are wrong or missing: one line a problem, `file:line:column: message` where there is a place. */
export class FeedProblems extends Error {
  override readonly name = 'FeedProblems';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

export interface FeedsOptions {
  /** Problems name files relative to it. */
  readonly cwd: string;
  /** Overlays connections.yaml with connections.<env>.yaml. @default - no overlay */
  readonly env?: string | undefined;
  /** Whether sources at http://127.0.0.1 are right. */
  readonly allowLoopback: boolean;
}

/** How feeds are read for the local cloud: overlaid by connections.local.yaml, sources on this machine allowed. */
export const onThisMachine = (cwd: string): FeedsOptions => ({ cwd, env: 'local', allowLoopback: true });

/** Reads all feeds of a folder. Throws FeedProblems, also where there is no folder or no feed in it. */
export const readFeeds = async (folder: string, options: FeedsOptions): Promise<readonly Feed[]> => {
  const names = await readdir(folder).catch(() => undefined);
  const shown = relative(options.cwd, folder) || '.';
  if (names === undefined) throw new FeedProblems([`no folder ${shown} of feed files`]);
  const files = names
    .filter(isFeedFile)
    .sort()
    .map((name) => join(folder, name));
  if (files.length === 0) throw new FeedProblems([`no feed in ${shown}: a feed is a file <feed>.yaml`]);
  return readFeedFiles(files, options);
};

/** Reads feed files of one folder with that folder's connections. Throws FeedProblems, also for a file that is not there. */
export const readFeedFiles = async (
  paths: readonly string[],
  options: FeedsOptions,
): Promise<readonly Feed[]> => {
  const files = await Promise.all(
    paths.map(async (path) => ({ name: relative(options.cwd, path), text: await readFeedFile(path) })),
  );
  const folder = dirname(paths[0] ?? options.cwd);
  const connectionsFile = join(folder, 'connections.yaml');
  const overlayFile = join(folder, `connections.${options.env}.yaml`);
  const { feeds, problems } = resolveFeeds(
    files,
    await readIfThere(connectionsFile),
    options.env === undefined ? undefined : await readIfThere(overlayFile),
    {
      allowLoopback: options.allowLoopback,
      connectionsFile: relative(options.cwd, connectionsFile),
      overlayFile: relative(options.cwd, overlayFile),
    },
  );
  if (problems.length > 0) throw new FeedProblems(problems.map((problem: Problem) => printProblem(problem)));
  return Object.values(feeds);
};

const isFeedFile = (name: string): boolean =>
  /\.yaml$/.test(name) && !/^connections(\..*)?\.yaml$/.test(basename(name));

const readFeedFile = async (path: string): Promise<string> => {
  const text = await readIfThere(path);
  if (text === undefined) throw new FeedProblems([`${path} is not there`]);
  return text;
};
