import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../../../handlers/ports/clock.ts';
import { CLIENT_FILE } from '../../local/local-cloud.ts';
import type { StatementTimes } from '../wake-ups.ts';
import { readAssemblyFeeds, readAssemblySource } from './assembly-feeds.ts';
import type { Deployment } from './deployment.ts';
import { isListening } from './is-listening.ts';
import type { Shore } from './shore.ts';

/** The local cloud that runs on a data folder, by its endpoints. */
export interface RunningCloud extends Deployment {
  /** Where files land. */
  readonly shore: Shore;
  /** The statements that were asked for since a time, by whomever; times in epoch milliseconds. */
  statements(sinceMs: number): Promise<readonly StatementTimes[]>;
}

export interface LocalOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** @default '' */
  readonly options?: string;
}

/** What is read of `<data>/cloud.json` here. */
const cloudFile = z.object({
  pid: z.int(),
  region: z.string(),
  assembly: z.string(),
  buckets: z.array(z.string()),
  workgroups: z.array(z.object({ name: z.string(), database: z.string() })),
  endpoints: z.object({ s3: z.string(), redshiftData: z.string(), eventBridge: z.string() }),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** Opens the cloud that runs on a data folder; undefined where none does. */
export const openRunningCloud = async (
  data: string,
  { options = '', ...of }: LocalOptions,
): Promise<RunningCloud | undefined> => {
  const text = await readFile(join(data, 'cloud.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, buckets, workgroups, endpoints, assembly, ...rest } = cloudFile.parse(JSON.parse(text));
  const [workgroup] = workgroups;
  const bucket = findStateBucket(buckets);
  if (!isAlive(pid) || workgroup === undefined || bucket === undefined) return undefined;
  // Where a cloud was killed, its id may be another process's by now, or a dead one's that nobody waits for.
  if (!(await isListening(endpoints.s3))) return undefined;
  // The SDK takes longer to load than a query does, and is needed for a running cloud alone; so is Postgres without one.
  const { openClients, overClients } = await import('./over-clients.ts');
  const { listStatements } = await import('./statements.ts');
  const { newShore } = await import('./shore.ts');
  const clients = openClients({
    s3: { ...rest, endpoint: endpoints.s3, forcePathStyle: true },
    data: { ...rest, endpoint: endpoints.redshiftData },
    bus: { ...rest, endpoint: endpoints.eventBridge },
  });
  const target = { workgroupName: workgroup.name, database: workgroup.database };
  const readFeeds = () => readAssemblyFeeds(assembly);
  const opened = overClients({
    ...of,
    ...{ options, clients, bucket, target, readFeeds },
    readEventSource: () => readAssemblySource(assembly),
  });
  return {
    ...opened,
    served: { clientFile: join(data, CLIENT_FILE), bucket },
    shore: newShore(clients.s3, bucket),
    statements: (sinceMs) => listStatements(clients.data, sinceMs),
  };
};

/** The app's bucket that has its state and its landing/: made before those of others, and beside one for access logs. */
export const findStateBucket = (buckets: readonly string[]): string | undefined =>
  buckets.find((name) => !/accesslogs/i.test(name));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
