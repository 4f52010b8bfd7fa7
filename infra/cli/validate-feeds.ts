import { dirname, resolve } from 'node:path';
import type { Feed } from '../../shared/model/feed.ts';
import { FeedProblems } from '../feed-problems.ts';
import { onThisMachine, readFeedFiles, readFeeds } from '../feeds-folder.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { placeOf } from './page-place.ts';
import { openTerminal, toPlural } from './terminal.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** `millrace validate`: checks feed files, those named or the whole folder. Throws FeedProblems with all that is wrong. */
export const validateFeeds = async (args: VerbArguments, io: CommandIo): Promise<number> => {
  const folder = resolve(io.cwd, firstValue(args, 'feeds') ?? 'feeds');
  const named = args.operands.map((path) => resolve(io.cwd, path));
  const feeds =
    named.length === 0 ? await readFeeds(folder, onThisMachine(io.cwd)) : await readNamed(named, io.cwd);
  const terminal = openTerminal(io, io.stdout);
  for (const feed of feeds) {
    const columns = feed.contract.tables.reduce((sum, table) => sum + table.columns.length, 0);
    const tables = feed.contract.tables.map(({ table }) => table).join(', ');
    terminal.line(`${terminal.style.good('✓')} ${feed.feed}  ${tables}  (${toPlural(columns, 'column')})`);
    if (feed.source.kind === 's3' && feed.source.bucket !== undefined) {
      terminal.line(
        `  ${feed.source.bucket} needs versioning, and notifications to EventBridge: see ${placeOf('deploy')}`,
      );
    }
  }
  return EXIT.done;
};

/** Files of several folders are read folder by folder, each with its own connections. */
const readNamed = async (paths: readonly string[], cwd: string): Promise<readonly Feed[]> => {
  const folders = new Map<string, string[]>();
  for (const path of paths) folders.set(dirname(path), [...(folders.get(dirname(path)) ?? []), path]);
  const feeds: Feed[] = [];
  const problems: string[] = [];
  for (const files of folders.values()) {
    try {
      feeds.push(...(await readFeedFiles(files, onThisMachine(cwd))));
    } catch (error) {
      if (!(error instanceof FeedProblems)) throw error;
      problems.push(...error.lines);
    }
  }
  if (problems.length > 0) throw new FeedProblems(problems);
  return feeds;
};
