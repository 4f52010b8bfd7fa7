import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Problem, printProblem } from '../../shared/feed/document/yaml-source.ts';
import type { Feed } from '../../shared/feed/feed.ts';
import { resolveFeeds } from '../../shared/feed/resolve-feeds.ts';
import { UsageError } from './command-io.ts';

/** Thrown when feed files are wrong: one line a problem, `file:line:column: message`. Exit status 2. */
export class FeedProblems extends Error {
  override readonly name = 'FeedProblems';
  readonly lines: readonly string[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(printProblem);
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** The overlay of connections.yaml on one machine is connections.local.yaml. */
export const LOCAL_ENV = 'local';

/** Reads all feeds of a folder. Throws FeedProblems, or UsageError where there is no folder or no feed in it. */
export const readFeeds = async (folder: string, cwd: string): Promise<readonly Feed[]> => {
  const names = await readdir(folder).catch(() => undefined);
  const shown = relative(cwd, folder) || '.';
  if (names === undefined)
    throw new UsageError(`no folder ${shown}; --feeds names the folder of the feed files`);
  const files = names
    .filter(isFeedFile)
    .sort()
    .map((name) => join(folder, name));
  if (files.length === 0) throw new UsageError(`no feed in ${shown}: a feed is a file <feed>.yaml`);
  return readFeedFiles(files, cwd);
};

/** Reads feed files of one folder with that folder's connections. Throws FeedProblems, or UsageError for a file that is not there. */
export const readFeedFiles = async (paths: readonly string[], cwd: string): Promise<readonly Feed[]> => {
  const files = await Promise.all(
    paths.map(async (path) => ({ name: relative(cwd, path), text: await readFeedFile(path) })),
  );
  const folder = dirname(paths[0] ?? cwd);
  const connectionsFile = join(folder, 'connections.yaml');
  const overlayFile = join(folder, `connections.${LOCAL_ENV}.yaml`);
  const { feeds, problems } = resolveFeeds(
    files,
    await readIfThere(connectionsFile),
    await readIfThere(overlayFile),
    {
      allowLoopback: true,
      connectionsFile: relative(cwd, connectionsFile),
      overlayFile: relative(cwd, overlayFile),
    },
  );
  if (problems.length > 0) throw new FeedProblems(problems);
  return Object.values(feeds);
};

const isFeedFile = (name: string): boolean =>
  /\.yaml$/.test(name) && !/^connections(\..*)?\.yaml$/.test(basename(name));

const readFeedFile = async (path: string): Promise<string> => {
  const text = await readIfThere(path);
  if (text === undefined) throw new UsageError(`${path} is not there`);
  return text;
};

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
