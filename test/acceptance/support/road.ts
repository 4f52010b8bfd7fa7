import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { runCycle } from '../../../infra/cli/cycle.ts';
import type { LandedFile } from '../../../infra/cli/land-files.ts';
import type { RunReport } from '../../../infra/cli/report.ts';
import { openSession, type Session } from '../../../infra/cli/session.ts';
import { onThisMachine, readFeeds } from '../../../infra/feeds-folder.ts';
import { realClock } from '../../../infra/local/clock.ts';
import { startLocalCloud } from '../../../infra/local/cloud.ts';
import { type Jazz, startJazz } from '../../../infra/local/jazz/server.ts';
import type { CloudProgress, LocalCloudOptions } from '../../../infra/local/local-cloud.ts';
import { copyAssembly } from './assembly.ts';
import { openRunning } from './running.ts';
import { differencesFromSource, readTables } from './tables.ts';

const LOGIN = { username: 'sample', password: 'not-a-secret' } as const;
const SECRETS = { 'millrace/jazz': LOGIN };

/** A source, an assembly that leads to it, and a data folder; no cloud runs yet. */
export interface Site {
  readonly jazz: Jazz;
  readonly assembly: string;
  readonly data: string;
  close(): Promise<void>;
}

export const openSite = async (options: {
  /** The folder that all tests of this run have in common. */
  readonly shared: string;
  readonly seed: number;
  readonly items: number;
  readonly pageSize: number;
  readonly splitBytes?: number;
}): Promise<Site> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-road-'));
  const { shared, seed, items, pageSize, splitBytes } = options;
  const jazz = await startJazz({ seed, items, login: { kind: 'basic', ...LOGIN } });
  const out = join(folder, 'cdk.out');
  const assembly = await copyAssembly({ shared, out, jazzUrl: jazz.url, pageSize, splitBytes });
  return {
    jazz,
    assembly,
    data: join(folder, 'data'),
    close: async () => {
      await jazz.close();
      // Processes of a killed cloud may write for another moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
};

/** What tests set of a cloud; its retries wait a twentieth of their time unless said otherwise. */
export type RoadOptions = Pick<LocalCloudOptions, 'faults' | 'timeScale'> & {
  readonly onProgress?: (progress: CloudProgress) => void;
};

/** A local cloud that runs the sample feed against a site's source. */
export interface Road {
  readonly session: Session;
  /** Drops the files, runs the feed of work items as of a time, by default now, and goes on until nothing is under way. */
  run(at?: Date, files?: readonly LandedFile[]): Promise<RunReport>;
  close(): Promise<void>;
}

export const openRoad = async (
  { assembly, data }: Pick<Site, 'assembly' | 'data'>,
  { faults, timeScale = 0.05, onProgress = () => {} }: RoadOptions = {},
): Promise<Road> => {
  const { signal } = new AbortController();
  const feeds = await readFeeds('feeds', onThisMachine('.'));
  const session = await openSession(
    feeds,
    { feedsDir: 'feeds', data, secrets: SECRETS, signal, onProgress },
    {
      clock: realClock,
      readFeeds: async () => feeds,
      synthesize: async () => assembly,
      startCloud: (options) =>
        startLocalCloud({
          ...options,
          isLocked: false,
          timeScale,
          ...(faults === undefined ? {} : { faults }),
        }),
      openCloud: async () => openRunning(data),
    },
  );
  return {
    session,
    run: (at = new Date(), files = []) => {
      const work = { feeds: feeds.filter(({ feed }) => feed === 'work_items'), files, at };
      return runCycle(session, work, { signal, startedAt: Date.now(), now: Date.now });
    },
    close: session.close,
  };
};

/** What a site's warehouse and bucket hold that they should not, or lack: the cloud has to run, in whatever process. */
export const inspect = async ({ data, jazz }: Site) => {
  const deployment = await openRunning(data);
  try {
    return {
      differences: differencesFromSource(await readTables(deployment), jazz),
      pending: (await deployment.records.list('pending/')).keys,
      parked: (await deployment.records.list('parked/')).keys,
      openUploads: await openUploads(data),
    };
  } finally {
    await deployment.close();
  }
};

/** What inspect answers when all is well. */
export const ALL_WELL = { differences: [], pending: [], parked: [], openUploads: [] };

const cloudFile = z.object({
  buckets: z.array(z.string()),
  endpoints: z.object({ s3: z.string() }),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** Works on the buckets of the cloud that runs on a folder. */
const onBuckets = async <T>(
  data: string,
  work: (s3: S3Client, buckets: readonly string[]) => Promise<T>,
): Promise<T> => {
  const { endpoints, buckets, credentials } = cloudFile.parse(
    JSON.parse(await readFile(join(data, 'cloud.json'), 'utf8')),
  );
  const s3 = new S3Client({ region: 'us-east-1', endpoint: endpoints.s3, forcePathStyle: true, credentials });
  try {
    return await work(s3, buckets);
  } finally {
    s3.destroy();
  }
};

/** Keys of the multipart uploads that stay open. */
const openUploads = (data: string): Promise<readonly string[]> =>
  onBuckets(data, async (s3, buckets) => {
    const keys: string[] = [];
    for (const Bucket of buckets) {
      const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
      keys.push(...(Uploads ?? []).map(({ Key }) => Key ?? ''));
    }
    return keys;
  });

const stateBucket = (buckets: readonly string[]): string =>
  buckets.find((name) => !/accesslogs/i.test(name)) ?? '';

/** Takes the feed's lease away from whoever has it. */
export const takeLeaseAway = (data: string): Promise<void> =>
  onBuckets(data, async (s3, buckets) => {
    await s3.send(new DeleteObjectCommand({ Bucket: stateBucket(buckets), Key: 'leases/work_items.json' }));
  });

const AGES_MS = 10 * 60_000;

/** Lets ten minutes pass for the loads, as far as their records say, and then the sweep's schedule fire. */
export const sweepLater = async ({ cloud, deployment }: Session, data: string): Promise<void> => {
  const keys = (await deployment.records.list('loads/')).keys.filter((key) =>
    /(\/\d+|submitted-\d+)\.json$/.test(key),
  );
  for (const key of keys) {
    const older = ((await deployment.records.read(key)) ?? '').replace(
      /("(?:plannedAt|submittedAt)":")([^"]+)/,
      (_, name, time) => name + new Date(Date.parse(time) - AGES_MS).toISOString(),
    );
    await onBuckets(data, async (s3, buckets) => {
      await s3.send(new PutObjectCommand({ Bucket: stateBucket(buckets), Key: key, Body: older }));
    });
  }
  const sweep = cloud.schedules().find(({ machine }) => /sweep/i.test(machine));
  await cloud.fireSchedule(sweep?.name ?? '', new Date());
  await cloud.idle();
};
