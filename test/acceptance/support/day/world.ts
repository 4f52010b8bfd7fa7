import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../../infra/cli/command.ts';
import type { RunningCloud } from '../../../../infra/cli/deployment/running-cloud.ts';
import { mulberry32 } from '../../../../infra/local/asl/jsonata.ts';
import { startLocalCloud } from '../../../../infra/local/cloud.ts';
import type { CloudProgress, LocalCloud } from '../../../../infra/local/local-cloud.ts';
import { synthesize } from '../../../../infra/local/synthesize.ts';
import { runAhead, timeAhead } from '../../../../infra/local/time-ahead.ts';
import { type AttentionDetail, attentionDetail } from '../../../../shared/attention/message.ts';
import { HOUR, MINUTE } from '../../../handlers/attention/support/true-feed.ts';
import { fakeIo } from '../../../infra/cli/fake-io.ts';
import { openRunning } from '../running.ts';
import { type Bucket, openBucket } from './bucket.ts';
import { type Costs, newCosts } from './costs.ts';
import { type DayFeed, newDayFeed } from './feed.ts';
import { DAY_KINDS } from './kinds.ts';
import { serveSources, toDocument } from './sources.ts';

/** What a command that was typed ended in. */
export interface Typed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Feeds, their sources, and a local cloud that runs them, at a time of its own. */
export interface World {
  readonly cloud: LocalCloud;
  readonly deployment: RunningCloud;
  readonly bucket: Bucket;
  /** The cloud's folder. */
  readonly data: string;
  readonly feeds: readonly DayFeed[];
  readonly random: () => number;
  /** Messages in the order in which they were sent. */
  readonly messages: readonly Message[];
  now(): number;
  /** Requests that the sources have not answered. */
  waitingAnswers(): number;
  /** Lets time pass up to then; it never goes back. */
  passTo(ms: number): void;
  /** Types a command line as it is printed. */
  type(line: string): Promise<Typed>;
  /** Has the warehouse do something as its administrator. */
  execute(sql: string): Promise<void>;
  /** Drops a file of what has changed since the last one. */
  land(feed: DayFeed, nowMs: number): Promise<void>;
  /** Synthesizes the feeds again, each file changed by `change`, and answers the new assembly. */
  synthesizeAgain(change: (yaml: string) => string): Promise<string>;
  /** What was wrong with which feed; the day goes on without it. */
  readonly wrong: Map<string, string>;
  /** Writes a line of what happens, where `MILLRACE_STORY` names a file. */
  tell(line: string): void;
  /** What the parts of an hour take, so that a day shows what grows with its history. */
  readonly costs: Costs;
  close(): Promise<void>;
}

export interface Message {
  readonly isOver: boolean;
  readonly detail: AttentionDetail;
}

export interface WorldOptions {
  readonly feeds: number;
  readonly seed: number;
  /** The deployment's name. @default - none */
  readonly env?: string;
}

const { signal } = new AbortController();

export const openWorld = async ({ feeds: count, seed, env }: WorldOptions): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-day-'));
  const random = mulberry32(seed);
  // Twenty minutes before an hour that is to come: time goes forward alone.
  const dawnMs = Math.ceil((Date.now() + 20 * MINUTE) / HOUR) * HOUR - 20 * MINUTE;
  const startMs = dawnMs - HOUR;
  const feeds = Array.from({ length: count }, (_, n) => {
    const kind = DAY_KINDS[n % DAY_KINDS.length];
    if (kind === undefined) throw new Error('there is no kind of feed');
    return newDayFeed(`${kind.word}_${n + 1}`, kind, { random, startMs, nowMs: dawnMs });
  });
  const server = await serveSources(feeds);
  const files = join(folder, 'feeds');
  await mkdir(files);
  const writeFeeds = async (change: (yaml: string) => string): Promise<void> => {
    for (const { name, kind } of feeds) {
      const text = kind.yaml(name, `${server.origin}/${name}`, new Date(startMs).toISOString());
      await writeFile(join(files, `${name}.yaml`), `feed: ${name}\n${change(text)}\n`);
    }
  };
  await writeFeeds((yaml) => yaml);
  const data = join(folder, '.millrace');
  await mkdir(data);
  const context = env === undefined ? {} : { 'millrace:env': env };
  const assembly = await synthesize({ feeds: files, out: join(data, 'cdk.out'), context });
  const passTo = (ms: number): void => {
    if (ms > Date.now()) runAhead(timeAhead() + ms - Date.now());
  };
  passTo(dawnMs);
  const messages: Message[] = [];
  const cloud = await startLocalCloud({
    ...{ assembly, data, secrets: {}, timeScale: 0.02, faults: { seed } },
    onProgress: (progress) => {
      for (const one of toMessages(progress)) {
        messages.push(one);
        tellStory(`${one.isOver ? 'over' : 'told'}: ${one.detail.feed} ${one.detail.need}`);
      }
    },
  });
  const deployment = await openRunning(data);
  const bucket = await openBucket(data);
  const landed = new Map<string, number>();
  const costs = newCosts();
  return {
    ...{ cloud, deployment, bucket, data, feeds, random, messages, passTo, costs },
    now: () => Date.now(),
    waitingAnswers: server.waiting,
    type: (line) => {
      tellStory(`typed: ${line}`);
      return costs.of(`typed ${line.split(' ')[2]}`, () => type(line, folder));
    },
    wrong: new Map(),
    tell: tellStory,
    execute: async (sql) => {
      await deployment.warehouse.execute(sql, signal);
    },
    land: async (feed, nowMs) => {
      const { name, source, spoils } = feed;
      const last = landed.get(name) ?? 0;
      const items = [...source.items.values()].filter(({ modifiedMs }) => modifiedMs >= last);
      const xml = toDocument(items);
      const key = `landing/${name}/hour.xml`;
      await bucket.put(key, String(spoils?.(xml, new URL('http://127.0.0.1')) ?? xml));
      if (spoils === undefined) landed.set(name, nowMs);
    },
    synthesizeAgain: async (change) => {
      await writeFeeds(change);
      return synthesize({ feeds: files, out: join(data, 'next.out'), context });
    },
    close: async () => {
      bucket.close();
      await deployment.close();
      await cloud.close();
      await server.close();
      runAhead(0);
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
};

/** Each line has the day's time, and the seconds that the test has run. */
const tellStory = (line: string): void => {
  const file = process.env.MILLRACE_STORY;
  const seconds = Math.round(performance.now() / 1000);
  if (file !== undefined) appendFileSync(file, `${new Date().toISOString()} ${seconds} s ${line}\n`);
};

const toMessages = (progress: CloudProgress): readonly Message[] => {
  if (progress.type !== 'event-taken' || !/^Feed(NeedsAttention|Recovered)$/.test(progress.detailType))
    return [];
  const isOver = progress.detailType === 'FeedRecovered';
  return [{ isOver, detail: attentionDetail.parse(progress.detail) }];
};

const type = async (line: string, cwd: string): Promise<Typed> => {
  const [npx, millrace, ...words] = line.split(' ');
  if (npx !== 'npx' || millrace !== 'millrace') throw new Error(`no command of ours: ${line}`);
  const io = { ...fakeIo({ cwd }), now: () => Date.now(), startedAt: Date.now() };
  const status = await runCommand(words, io, '0');
  return { status, out: io.out(), err: io.err() };
};
