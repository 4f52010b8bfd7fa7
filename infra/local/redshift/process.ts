import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { serveAwsJson } from '../aws-json-server.ts';
import { realClock } from '../clock.ts';
import { eventOutbox } from '../event-outbox.ts';
import { accessTable, findCallers } from '../iam/access.ts';
import { sendToParent, serveParent } from '../serve-parent.ts';
import { openObjectSource } from './copy/object-source.ts';
import { dataApi } from './data-api.ts';
import { createFaults } from './faults.ts';
import { openPostgres } from './postgres.ts';
import { openStatementQueue } from './statement-queue.ts';
import { openJournal, openStatementStore } from './statement-store.ts';

/**
 * The warehouse's process: Postgres, which keeps its thread busy while it works, and the Data API in front of it.
 * Its one argument is JSON of this shape.
 */
export const warehouseArgs = z.strictObject({
  /** `<data>/redshift` */
  dir: z.string(),
  /** The local S3, from which COPY reads. */
  s3Url: z.string(),
  warehouse: z.strictObject({
    workgroupName: z.string().optional(),
    clusterIdentifier: z.string().optional(),
    database: z.string(),
  }),
  account: z.string(),
  region: z.string(),
  /** Of the workgroup or cluster; it stands in events. */
  arn: z.string(),
  /** Who may do what, and which roles COPY may assume, by what access key. Without it everyone may do everything. */
  access: z.strictObject({ table: accessTable, copyKeys: z.record(z.string(), z.string()) }).optional(),
});
export type WarehouseArgs = z.infer<typeof warehouseArgs>;

/**
 * When the cloud is killed alone, its warehouse ends by itself, but not before the statement that keeps its thread: the next
 * cloud's warehouse waits for that.
 */
const PREDECESSOR_MS = 120_000;

const startWarehouse = async (args: WarehouseArgs): Promise<void> => {
  mkdirSync(args.dir, { recursive: true });
  const postgres = await openPostgres(args.dir, PREDECESSOR_MS);
  const journal = openJournal(join(args.dir, 'statements.sqlite'));
  const { now } = realClock;
  const store = openStatementStore(journal, now);
  const outbox = eventOutbox(journal, sendToParent);
  const objects = openObjectSource(args.s3Url, args.region, args.access?.copyKeys);
  const faults = createFaults();
  const queue = await openStatementQueue({ postgres, objects, store, outbox, faults, origin: args, now });
  const server = await serveAwsJson(
    'Redshift Data API',
    dataApi({ ...args, store, queue, faults, now }),
    args.access && findCallers(args.access.table),
  );
  serveParent({
    acknowledge: outbox.acknowledge,
    busy: () => store.unfinished().length + outbox.unacknowledged(),
    fault: faults.arm,
    stop: async () => {
      await queue.stop();
      await server.close();
      objects.close();
      await postgres.close();
      journal.close();
    },
  });
  sendToParent({ type: 'ready', url: server.url });
  outbox.deliver();
  queue.wake();
};

await startWarehouse(warehouseArgs.parse(JSON.parse(process.argv[2] ?? 'null')));
