import { basename, resolve } from 'node:path';
import type { Feed } from '../../shared/model/feed.ts';
import { type Landing, landingOf } from '../../shared/model/landing.ts';
import type { CloudProgress } from '../local/local-cloud.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { runCycle, type Work } from './cycle.ts';
import { findDataFolder } from './data-folder.ts';
import { toOptions } from './deployment/where.ts';
import { findFeed } from './find-feed.ts';
import { findInputFile } from './input-file.ts';
import type { LandedFile } from './land-files.ts';
import { toNextStep } from './next-step.ts';
import { toJson } from './report.ts';
import { findMissingSecrets, readSecrets } from './secrets.ts';
import { serve } from './serve.ts';
import { toServedRun } from './served-run.ts';
import { openSession, type SessionOptions, type SessionParts, withFolder } from './session.ts';
import { showReport } from './show-report.ts';
import { openTerminal } from './terminal.ts';
import { showSlowestFeed } from './trace/slowest-feed.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';
import { watchAttention } from './watch-attention.ts';
import { watchProgress } from './watch-progress.ts';
import { watchServed } from './watch-served.ts';
import { watchStages } from './watch-stages.ts';

/** `millrace run`: fires feeds on the local cloud, waits until nothing is under way, reports; then serves, unless told not to. */
export const runFeeds = async (args: VerbArguments, io: CommandIo, parts: SessionParts): Promise<number> => {
  const isJson = args.flags.has('json');
  const options = await readOptions(args, io);
  const feeds = await parts.readFeeds(options.feedsDir);
  const work = await toWork(args, io, feeds);
  const missing = findMissingSecrets(work.feeds, options.secrets, options.data);
  // Under --json the failures say it: stderr has the next step alone.
  for (const what of isJson ? [] : missing) io.stderr.write(`millrace: ${what}\n`);
  const terminal = openTerminal(io, isJson ? io.stderr : io.stdout);
  const stages = watchStages(io, terminal, isJson);
  const showProgress = watchProgress(stages.terminal);
  const served = watchServed({ io, args, moving: stages.terminal, isQuiet: isJson, data: options.data });
  const tellAttention = watchAttention({ io, args, moving: stages.terminal, isQuiet: isJson });
  const onProgress = (progress: CloudProgress): void => {
    showProgress(progress);
    tellAttention(progress);
    served.observe(progress);
  };
  const tellHeld = (error: unknown) => toServedRun(error, work, { args, io, data: options.data, ...parts });
  const runHere = async () => {
    const session = await openSession(feeds, { ...options, onProgress, onStage: stages.begin }, parts);
    try {
      stages.begin('work');
      const sinceMs = session.clock.now();
      const report = await runCycle(session, work, io);
      stages.end();
      if (isJson) io.stdout.write(`${toJson(report)}\n`);
      else {
        showReport(terminal, report, toOptions(args));
        const isNew = Object.values(report.feeds).some(({ batches }) => batches > 0);
        if (isNew) showSlowestFeed(terminal, { data: options.data, sinceMs, options: toOptions(args) });
      }
      if (!report.ok) (isJson ? io.stderr : io.stdout).write(`${toNextStep(report.failures, args)}\n`);
      if (!args.flags.has('once')) await serve(session, served, io);
      return report.ok ? EXIT.done : EXIT.failed;
    } finally {
      await session.close();
    }
  };
  return withFolder(parts, options.data, runHere, tellHeld).finally(stages.terminal.clear);
};

const readOptions = async (args: VerbArguments, io: CommandIo): Promise<SessionOptions> => {
  const data = findDataFolder(args, io);
  const feedsDir = resolve(io.cwd, firstValue(args, 'feeds') ?? 'feeds');
  const secrets = await readSecrets(io, data, firstValue(args, 'secrets'));
  return { data, feedsDir, secrets, signal: io.signal };
};

/** The feeds named by --feed and those of the files; where neither is given, all. Throws UsageError. */
const toWork = async (args: VerbArguments, io: CommandIo, feeds: readonly Feed[]): Promise<Work> => {
  const files = (args.values.get('file') ?? []).map(parseFile);
  const named = [...(args.values.get('feed') ?? []), ...files.map(({ feed }) => feed)];
  const chosen = named.map((name) => findFeed(name, feeds));
  const landed: LandedFile[] = [];
  for (const { feed, path } of files) {
    const landing = await checkFile(findFeed(feed, feeds), path, io);
    landed.push({ feed, path: resolve(io.cwd, path), landing });
  }
  return {
    feeds: named.length === 0 ? feeds : [...new Set(chosen)],
    files: landed,
    at: toTime(firstValue(args, 'at'), io),
    compares: args.flags.has('compare'),
  };
};

const parseFile = (text: string): { feed: string; path: string } => {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new UsageError(`--file takes FEED=PATH, got ${JSON.stringify(text)}`);
  return { feed: text.slice(0, at), path: text.slice(at + 1) };
};

/** Where the file lands. A name that the feed does not read would land, and nothing would come of it. */
const checkFile = async ({ feed, source }: Feed, path: string, io: CommandIo): Promise<Landing> => {
  if (source.kind !== 's3')
    throw new UsageError(
      `--file ${feed}=…: ${feed} reads http, and files are for feeds with source s3: {}; what fires it: npx millrace run --feed ${feed} --once`,
    );
  if (!source.suffixes.some((suffix) => path.endsWith(suffix))) {
    const suffixes = source.suffixes.join(' ');
    throw new UsageError(`${basename(path)} ends in none of ${suffixes}, the suffixes of feed ${feed}`);
  }
  await findInputFile(path, io);
  return landingOf(feed, source);
};

const toTime = (text: string | undefined, io: CommandIo): Date => {
  if (text === undefined) return new Date(io.now());
  const at = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/.test(text) || Number.isNaN(at.getTime())) {
    throw new UsageError(
      `--at takes a time with its offset, as 2026-01-15T08:00:00Z, got ${JSON.stringify(text)}`,
    );
  }
  return at;
};
