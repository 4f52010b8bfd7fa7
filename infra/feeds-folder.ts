import { isUtf8 } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { printProblem } from '../shared/feed/document/yaml-source.ts';
import { resolveFeeds } from '../shared/feed/resolve-feeds.ts';
import type { Feed } from '../shared/model/feed.ts';
import { withCadence } from '../shared/model/load-cadence.ts';
import { withStaleAfter } from '../shared/schedule/stale-after.ts';
import { FeedProblems } from './feed-problems.ts';

export interface FeedsOptions {
  /** Problems name files relative to it. */
  readonly cwd: string;
  /** Overlays connections.yaml with connections.<overlay>.yaml. @default - no overlay */
  readonly overlay?: string | undefined;
  /** Whether sources at http://127.0.0.1 are right. */
  readonly allowLoopback: boolean;
  /** The cadence of loads, in milliseconds, for feeds that do not say theirs. @default - as batches are sealed */
  readonly loadEveryMs?: number | undefined;
}

/** How feeds are read for the local cloud: overlaid by connections.local.yaml, sources on this machine allowed. */
export const onThisMachine = (cwd: string): FeedsOptions => ({
  cwd,
  overlay: 'local',
  allowLoopback: true,
});

/** Reads all feeds of a folder. Throws FeedProblems, also where there is no folder or no feed in it. */
export const readFeeds = async (folder: string, options: FeedsOptions): Promise<readonly Feed[]> => {
  const names = await readdir(folder).catch(() => undefined);
  const shown = relative(options.cwd, folder) || '.';
  if (names === undefined)
    throw new FeedProblems([
      `no folder ${shown} of feed files: tried ${folder}; go to the folder that has it, or make one: npx millrace init`,
    ]);
  const misnamed = names.filter(isMisnamed).sort();
  if (misnamed.length > 0) throw new FeedProblems(misnamed.map((name) => tellMisnamed(shown, name)));
  const files = names
    .filter(isFeedFile)
    .sort()
    .map((name) => join(folder, name));
  if (files.length === 0) throw new FeedProblems([`no feed in ${shown}: a feed is a file <feed>.yaml`]);
  return readFeedFiles(files, options);
};

/** Reads feed files of one folder with that folder's connections. Throws FeedProblems, also for a file that is not there or is no text. */
export const readFeedFiles = async (
  paths: readonly string[],
  options: FeedsOptions,
): Promise<readonly Feed[]> => {
  const { cwd, overlay: name, allowLoopback } = options;
  const toShown = (path: string): string => relative(cwd, path) || '.';
  const folder = dirname(paths[0] ?? cwd);
  const connectionsFile = toShown(join(folder, 'connections.yaml'));
  const overlayFile = toShown(join(folder, `connections.${name}.yaml`));
  const [connections, overlay] = await Promise.all([
    readText(cwd, connectionsFile, 'a file of connections'),
    name === undefined ? undefined : readText(cwd, overlayFile, 'a file of connections'),
  ]);
  const read = await Promise.allSettled(paths.map((path) => readFeedFile(cwd, toShown(path))));
  const files = read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const unread = read.flatMap((result) => (result.status === 'rejected' ? linesOf(result.reason) : []));
  const { feeds, problems } = resolveFeeds(files, connections, overlay, {
    allowLoopback,
    connectionsFile,
    overlayFile,
  });
  const lines = [...unread, ...problems.map(printProblem)];
  if (lines.length > 0) throw new FeedProblems(lines);
  return Object.values(feeds).map((feed) => withStaleAfter(withCadence(feed, options.loadEveryMs)));
};

const isFeedFile = (name: string): boolean =>
  /\.yaml$/.test(name) && !/^connections(\..*)?\.yaml$/.test(basename(name));

/** Read as nothing, such a file would be missed by nobody; its maker believes that it runs. */
const isMisnamed = (name: string): boolean => /\.ya?ml$/i.test(name) && !name.endsWith('.yaml');

const tellMisnamed = (folder: string, name: string): string =>
  `${join(folder, name)} is not read, allowed names end in .yaml: rename it to ${name.replace(/\.ya?ml$/i, '.yaml')}`;

const linesOf = (error: unknown): readonly string[] => {
  if (error instanceof FeedProblems) return error.lines;
  throw error;
};

const readFeedFile = async (cwd: string, name: string): Promise<{ name: string; text: string }> => {
  const text = await readText(cwd, name, 'a feed file');
  if (text !== undefined) return { name, text };
  const meant = await findMeant(cwd, name);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new FeedProblems([`${name} is not there, allowed a feed file: tried ${resolve(cwd, name)}${hint}`]);
};

/** Where a feed's name was given, or the file's without its folder: the file of that name. */
const findMeant = async (cwd: string, name: string): Promise<string | undefined> => {
  const [folder, file] = [dirname(name), basename(name).replace(/(\.ya?ml)?$/, '.yaml')];
  const places = [join(folder, file), join(folder, 'feeds', file)].filter(
    (path) => path !== name && isFeedFile(path),
  );
  const found = await Promise.all(
    places.map((path) =>
      stat(resolve(cwd, path)).then(
        (is) => is.isFile(),
        () => false,
      ),
    ),
  );
  return places.find((_, index) => found[index]);
};

/** A file's text, or undefined where there is none. Throws FeedProblems for what cannot be read, and is no UTF-8. */
const readText = async (cwd: string, name: string, allowed: string): Promise<string | undefined> => {
  const bytes = await readFile(resolve(cwd, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'EISDIR') throw new FeedProblems([`${name} is a folder, allowed ${allowed}`]);
    // The system's words without its call, whose path is absolute.
    throw new FeedProblems([`${name} cannot be read: ${error.message.replace(/, \w+( '.*')?$/s, '')}`]);
  });
  if (bytes === undefined || isUtf8(bytes)) return bytes?.toString();
  const message = 'got bytes that are no UTF-8, allowed UTF-8';
  throw new FeedProblems([printProblem({ file: name, line: findLineOfOther(bytes), column: 1, message })]);
};

/** The first line that is no UTF-8; a line feed is a byte of no other character. */
const findLineOfOther = (bytes: Buffer): number => {
  let [line, start] = [1, 0];
  for (;;) {
    const end = bytes.indexOf('\n', start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    [line, start] = [line + 1, end + 1];
  }
};
