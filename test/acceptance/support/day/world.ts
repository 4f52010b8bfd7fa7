import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../../infra/cli/command.ts';
import type { RunningCloud } from '../../../../infra/cli/deployment/running-cloud.ts';
import { mulberry32 } from '../../../../infra/local/asl/jsonata.ts';
import { startLocalCloud } from '../../../../infra/local/cloud.ts';
import { CLIENT_FILE, type LocalCloud } from '../../../../infra/local/local-cloud.ts';
import { synthesize } from '../../../../infra/local/synthesize.ts';
import { runAhead, timeAhead } from '../../../../infra/local/time-ahead.ts';
import { type AttentionDetail, attentionDetail } from '../../../../shared/attention/message.ts';
import { deploymentNames, UNNAMED } from '../../../../shared/state/deployment-names.ts';
import { HOUR, MINUTE } from '../../../handlers/attention/support/true-feed.ts';
import { fakeIo } from '../../../infra/cli/fake-io.ts';
import { openRunning } from '../running.ts';
import { asClient } from './as-client.ts';
import { type Bucket, openBucket } from './bucket.ts';
import { typeCopy } from './copy.ts';
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
  /** The words by which commands mean this deployment; none for the cloud of the folder that they are typed in. */
  readonly options: string;
  /** Its name for `--env` on AWS. */
  readonly env: string;
  /** When its day begins. */
  readonly dawnMs: number;
  /** Hears of each event that this deployment's own functions put on the bus. */
  onEvent(hear: (event: OwnEvent) => void): void;
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
  /** Types a command line, with the options of this deployment. */
  type(line: string): Promise<Typed>;
  /** Has the warehouse do something as its administrator. */
  execute(sql: string): Promise<void>;
  /** Drops a file of what has changed since the last one: by the command that is given, or as any client does. */
  land(feed: DayFeed, nowMs: number, copy?: string): Promise<void>;
  /** Synthesizes the feeds again, each file changed by `change`, and answers the new assembly. */
  synthesizeAgain(change: (yaml: string) => string): Promise<string>;
  /** How often a fault of the cloud has struck, by the name that the cloud tells. */
  struck(fault: string): number;
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
  readonly env?: string | undefined;
  /** When its day begins, where that is another's. @default - twenty minutes before a full hour that is to come */
  readonly dawnMs?: number | undefined;
}

/** An event as the local cloud takes it. */
export type OwnEvent = Parameters<LocalCloud['putEvent']>[0];

const { signal } = new AbortController();

/** Time goes forward alone. */
const toDawn = (): number => Math.ceil((Date.now() + 20 * MINUTE) / HOUR) * HOUR - 20 * MINUTE;

export const openWorld = async (options: WorldOptions): Promise<World> => {
  const { feeds: count, seed, env, dawnMs = toDawn() } = options;
  const names = deploymentNames(env);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-day-'));
  const random = mulberry32(seed);
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
  const strikes = new Map<string, number>();
  const heard: ((event: OwnEvent) => void)[] = [];
  const tell = (line: string): void => tellStory(env === undefined ? line : `${env}: ${line}`);
  const cloud = await startLocalCloud({
    ...{ assembly, data, secrets: {}, timeScale: 0.02, faults: { seed } },
    onProgress: (progress) => {
      if (progress.type === 'fault-struck')
        strikes.set(progress.fault, (strikes.get(progress.fault) ?? 0) + 1);
      if (progress.type !== 'event-taken' || progress.source !== names.eventSource) return;
      for (const hear of heard) hear(progress);
      for (const one of toMessages(progress)) {
        messages.push(one);
        tell(`${one.isOver ? 'over' : 'told'}: ${one.detail.feed} ${one.detail.need}`);
      }
    },
  });
  const deployment = await openRunning(data);
  const bucket = await openBucket(data);
  const landed = new Map<string, number>();
  const costs = newCosts();
  return {
    ...{ cloud, deployment, bucket, data, feeds, random, messages, passTo, costs, dawnMs, tell },
    ...{ env: env ?? UNNAMED, options: env === undefined ? '' : ` --env ${env}` },
    onEvent: (hear) => heard.push(hear),
    now: () => Date.now(),
    waitingAnswers: server.waiting,
    type: (line) => {
      tell(`typed: ${line}`);
      const typed = () =>
        env === undefined
          ? type(line, folder)
          : asClient(join(data, CLIENT_FILE), () => type(`${line} --env ${env}`, folder));
      return costs.of(`typed ${line.split(' ')[2]}`, typed);
    },
    wrong: new Map(),
    struck: (fault) => strikes.get(fault) ?? 0,
    execute: async (sql) => {
      await deployment.warehouse.execute(sql, signal);
    },
    land: async (feed, nowMs, copy) => {
      const { name, source, spoils } = feed;
      const last = landed.get(name) ?? 0;
      const items = [...source.items.values()].filter(({ modifiedMs }) => modifiedMs >= last);
      if (spoils === undefined) feed.files.push({ items, landedMs: nowMs });
      const xml = toDocument(items);
      const body = String(spoils?.(xml, new URL('http://127.0.0.1')) ?? xml);
      if (copy === undefined) await bucket.put(`landing/${name}/hour.xml`, body);
      else await typeCopy(copy, 'hour.xml', body);
      if (copy !== undefined) tell(`typed: ${copy}`);
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

const toMessages = ({ detailType, detail }: OwnEvent): readonly Message[] => {
  if (!/^Feed(NeedsAttention|Recovered)$/.test(detailType)) return [];
  return [{ isOver: detailType === 'FeedRecovered', detail: attentionDetail.parse(detail) }];
};

const type = async (line: string, cwd: string): Promise<Typed> => {
  const [npx, millrace, ...words] = line.split(' ');
  if (npx !== 'npx' || millrace !== 'millrace') throw new Error(`no command of ours: ${line}`);
  const io = { ...fakeIo({ cwd }), now: () => Date.now(), startedAt: Date.now() };
  const status = await runCommand(words, io, '0');
  return { status, out: io.out(), err: io.err() };
};
