import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { checkFolder } from '../local/check-folder.ts';
import type { CloudClients } from './aws-clients.ts';
import { UsageError } from './command-io.ts';
import type { OpenWarehouse } from './query-warehouse.ts';

/** What is read of `<data>/cloud.json` here. */
const cloudFile = z.object({
  pid: z.int(),
  region: z.string(),
  buckets: z.array(z.string()),
  workgroups: z.array(z.object({ name: z.string(), database: z.string() })),
  endpoints: z.object({ s3: z.string(), redshiftData: z.string() }),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** The clients of the cloud that runs on a data folder; undefined where none does. */
export const openRunningCloud = async (data: string): Promise<CloudClients | undefined> => {
  const text = await readFile(join(data, 'cloud.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, buckets, workgroups, endpoints, ...rest } = cloudFile.parse(JSON.parse(text));
  const [workgroup] = workgroups;
  const bucket = findStateBucket(buckets);
  if (!isAlive(pid) || workgroup === undefined || bucket === undefined) return undefined;
  const { name, database } = workgroup;
  // The SDK takes longer to load than a query does, and is needed for a running cloud alone; so is Postgres without one.
  const { openCloudClients } = await import('./aws-clients.ts');
  return openCloudClients({ ...endpoints, ...rest, bucket, workgroup: name, database });
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

/** A question is one, whoever answers it: the Data API of a cloud that runs takes statements that change something, too. */
const askRunning = ({ query, close }: CloudClients): Awaited<ReturnType<OpenWarehouse>> => ({
  query: async (sql) => {
    const { admitQuery } = await import('../local/redshift/sql/gate.ts');
    await admitQuery(sql);
    return query(sql);
  },
  close: async () => close(),
});

/** Asks the running cloud where there is one; else opens the warehouse's own folder. */
export const openLocalWarehouse: OpenWarehouse = async (data) => {
  const running = await openRunningCloud(data);
  if (running !== undefined) return askRunning(running);
  const folder = join(data, 'redshift');
  if (!existsSync(folder)) {
    throw new UsageError(
      `there is no warehouse in ${data}: tried ${folder}; run a feed first, or name its folder with --data`,
    );
  }
  checkFolder(data);
  const { openWarehouse } = await import('../local/redshift/query.ts');
  const warehouse = await openWarehouse(folder);
  return {
    query: async (sql) => {
      const { columns, rows } = await warehouse.query(sql);
      return { columns: columns.map(({ name }) => name), rows };
    },
    close: warehouse.close,
  };
};
