import { relative } from 'node:path';
import type { CloudProgress } from '../local/local-cloud.ts';
import { type CommandIo, EXIT } from './command-io.ts';
import { runCycle, type Work } from './cycle.ts';
import { findDataFolder } from './data-folder.ts';
import { showChanged, showNext, showTables } from './demo-show.ts';
import { type DemoSource, openDemoSource } from './demo-source.ts';
import { serve } from './serve.ts';
import { openSession, type Session, type SessionParts, withFolder } from './session.ts';
import { showFailures, showFeed } from './show-report.ts';
import { openTerminal, type Terminal, toCount, toDuration } from './terminal.ts';
import { showSlowestFeed } from './trace/slowest-feed.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';
import { watchProgress } from './watch-progress.ts';
import { type ServedWatch, watchServed } from './watch-served.ts';

/** Share of the work items that the demo changes before its second round. */
const CHANGED_SHARE = 0.04;

/** `millrace demo`: the sample feeds against the sample server, twice: all of it, then what changed. */
export const playDemo = async (args: VerbArguments, io: CommandIo, parts: SessionParts): Promise<number> => {
  const terminal = openTerminal(io, io.stdout);
  const data = findDataFolder(args, io);
  terminal.line(`${terminal.style.bold('millrace demo')}  XML in, merged tables out, on this machine`);
  terminal.line();
  return withFolder(parts, data, () => playOn(data, terminal, args, io, parts));
};

const playOn = async (
  data: string,
  terminal: Terminal,
  args: VerbArguments,
  io: CommandIo,
  parts: SessionParts,
): Promise<number> => {
  const source = await step(terminal, io, 'start the sample Jazz server', () =>
    openDemoSource(data, firstValue(args, 'items')),
  );
  try {
    terminal.line(`    ${toCount(source.items)} work items at ${source.jazz.url}`);
    const served = watchServed({ io, args, data, moving: terminal, isQuiet: false });
    const session = await openDemoSession(terminal, io, source, { data, served }, parts);
    try {
      return await play(terminal, io, { source, session, data, served, isKept: args.flags.has('keep') });
    } finally {
      await session.close();
    }
  } finally {
    await source.jazz.close();
  }
};

/** Runs one named piece of work, then says how long it took. */
const step = async <T>(
  terminal: Terminal,
  { now }: CommandIo,
  name: string,
  work: () => Promise<T>,
): Promise<T> => {
  const startedAt = now();
  terminal.begin(`  … ${name}`);
  const result = await work();
  const { good, dim } = terminal.style;
  terminal.line(`  ${good('✓')} ${name.padEnd(44)} ${dim(toDuration(now() - startedAt))}`);
  return result;
};

const openDemoSession = async (
  terminal: Terminal,
  io: CommandIo,
  { feedsDir, secrets }: DemoSource,
  { data, served }: { data: string; served: ServedWatch },
  parts: SessionParts,
): Promise<Session> => {
  const feeds = await step(terminal, io, 'check the feeds', () => parts.readFeeds(feedsDir));
  const showProgress = watchProgress(terminal);
  const onProgress = (progress: CloudProgress): void => {
    showProgress(progress);
    served.observe(progress);
  };
  const options = { feedsDir, data, secrets, signal: io.signal, onProgress };
  return openSession(feeds, options, {
    ...parts,
    synthesize: (of) => step(terminal, io, 'synthesize the CDK app', () => parts.synthesize(of)),
    startCloud: (of) => step(terminal, io, 'start what was synthesized, locally', () => parts.startCloud(of)),
  });
};

interface Play {
  readonly source: DemoSource;
  readonly session: Session;
  readonly data: string;
  readonly served: ServedWatch;
  readonly isKept: boolean;
}

const play = async (
  terminal: Terminal,
  io: CommandIo,
  { source, session, data, served, isKept }: Play,
): Promise<number> => {
  const landing = { bucket: undefined, prefix: 'landing/inspections/' };
  const files = [{ feed: 'inspections', path: source.sampleFile, landing }];
  const sinceMs = session.clock.now();
  const isFirstDone = await round(terminal, io, session, 'extract and load all', {
    feeds: session.feeds,
    files,
    at: source.now(),
  });
  if (!isFirstDone) return EXIT.failed;
  await showTables(terminal, session);
  showSlowestFeed(terminal, { data, sinceMs, options: ` --data ${toShown(io, data)}` });

  terminal.line();
  const changed = await source.change(Math.max(1, Math.round(source.items * CHANGED_SHARE)));
  terminal.line(
    `  ${toCount(changed.length)} work items change at the source; some lose a comment, some gain one`,
  );
  const feeds = session.feeds.filter(({ source: { kind } }) => kind === 'http');
  const isSecondDone = await round(terminal, io, session, 'extract and load what changed', {
    feeds,
    files: [],
    at: source.now(),
  });
  if (!isSecondDone) return EXIT.failed;
  await showChanged(
    terminal,
    session,
    changed.slice(0, 3).map((index) => source.jazz.workItem(index)),
  );
  showNext(terminal, {
    data: toShown(io, data),
    feedsDir: toShown(io, source.feedsDir),
    sampleFile: toShown(io, source.sampleFile),
    isKept,
  });
  if (isKept) await serve(session, served, io);
  return EXIT.done;
};

/** A path as it is typed from here; absolute where that would lead up and away. */
const toShown = ({ cwd }: CommandIo, path: string): string => {
  const shown = relative(cwd, path);
  return shown.startsWith('..') ? path : shown;
};

const round = async (
  terminal: Terminal,
  io: CommandIo,
  session: Session,
  name: string,
  work: Work,
): Promise<boolean> => {
  const report = await step(terminal, io, name, () => runCycle(session, work, io));
  for (const [feed, of] of Object.entries(report.feeds)) showFeed(terminal, feed, of);
  showFailures(terminal, report.failures, session.deployment.options);
  return report.ok;
};
