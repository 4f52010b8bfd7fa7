import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { runCycle } from '../../../infra/cli/cycle.ts';
import { openRunningCloud } from '../../../infra/cli/local-warehouse.ts';
import type { RunReport } from '../../../infra/cli/report.ts';
import { openSession, type Session } from '../../../infra/cli/session.ts';
import { onThisMachine, readFeeds } from '../../../infra/feeds-folder.ts';
import { startLocalCloud } from '../../../infra/local/cloud.ts';
import { type Jazz, startJazz } from '../../../infra/local/jazz/server.ts';
import type { CloudProgress, LocalCloudOptions } from '../../../infra/local/local-cloud.ts';
import { copyAssembly } from './assembly.ts';

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
  readonly seed: number;
  readonly items: number;
  readonly pageSize: number;
}): Promise<Site> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-road-'));
  const { seed, items, pageSize } = options;
  const jazz = await startJazz({ seed, items, auth: LOGIN });
  const out = join(folder, 'cdk.out');
  const assembly = await copyAssembly({ shared: inject('sharedFolder'), out, jazzUrl: jazz.url, pageSize });
  return {
    jazz,
    assembly,
    data: join(folder, 'data'),
    close: async () => {
      await jazz.close();
      await rm(folder, { recursive: true, force: true });
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
  /** Runs the feed of work items as of a time, by default the source's, until nothing is under way. */
  run(at?: Date): Promise<RunReport>;
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
      readFeeds: async () => feeds,
      synthesize: async () => assembly,
      startCloud: (options) =>
        startLocalCloud({ ...options, timeScale, ...(faults === undefined ? {} : { faults }) }),
      openClients: async () => {
        const clients = await openRunningCloud(data);
        if (clients === undefined) throw new Error(`no cloud runs on ${data}`);
        return clients;
      },
    },
  );
  return {
    session,
    run: (at = new Date()) => {
      const work = { feeds: feeds.filter(({ feed }) => feed === 'work_items'), files: [], at };
      return runCycle(session, work, { signal, now: Date.now });
    },
    close: session.close,
  };
};

/** Keys of the multipart uploads that stay open. */
export const openUploads = async ({ cloud }: Session): Promise<readonly string[]> => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const { endpoints, buckets } = cloud;
  const s3 = new S3Client({ region: 'us-east-1', endpoint: endpoints.s3, forcePathStyle: true, credentials });
  const keys: string[] = [];
  for (const Bucket of buckets) {
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    keys.push(...(Uploads ?? []).map(({ Key }) => Key ?? ''));
  }
  s3.destroy();
  return keys;
};
