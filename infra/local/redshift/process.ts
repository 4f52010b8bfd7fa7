import '../private-umask.ts';
import { join } from 'node:path';
import * as z from 'zod';
import { serveAwsJson } from '../aws-json-server.ts';
import { realClock } from '../clock.ts';
import { eventOutbox } from '../event-outbox.ts';
import { accessTable } from '../iam/access.ts';
import { verifySignatures } from '../iam/authenticate.ts';
import { makePrivateFolder } from '../private-files.ts';
import { readArguments, sendToParent, serveParent, startForParent } from '../serve-parent.ts';
import { copyKeys, openObjectSource } from './copy/object-source.ts';
import { dataApi } from './data-api.ts';
import { createFaults } from './faults.ts';
import { openPostgres } from './postgres.ts';
import { openStatementQueue } from './statement-queue.ts';
import { openJournal, openStatementStore } from './statement-store.ts';

/**
 * The warehouse's process: Postgres, which keeps its thread busy while it works, and the Data API in front of it.
 * Its arguments have this shape.
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
  /** Who may do what, and which roles COPY may assume, with what access keys. Without it everyone may do everything. */
  access: z.strictObject({ table: accessTable, copyKeys }).optional(),
});
export type WarehouseArgs = z.infer<typeof warehouseArgs>;

/**
 * When the cloud is killed alone, its warehouse ends by itself, but not before the statement that keeps its thread: the next
 * cloud's warehouse waits for that.
 */
const PREDECESSOR_MS = 120_000;

const startWarehouse = async (args: WarehouseArgs): Promise<void> => {
  makePrivateFolder(args.dir);
  const postgres = await openPostgres(args.dir, PREDECESSOR_MS);
  const journal = openJournal(join(args.dir, 'statements.sqlite'));
  const { now } = realClock;
  const store = openStatementStore(journal, now);
  const outbox = eventOutbox(journal, sendToParent);
  const objects = openObjectSource(args.s3Url, args.region, args.access?.copyKeys);
  const faults = createFaults((fault) => sendToParent({ type: 'struck', fault }));
  const queue = await openStatementQueue({ postgres, objects, store, outbox, faults, origin: args, now });
  const server = await serveAwsJson(
    'Redshift Data API',
    dataApi({ ...args, store, queue, faults, now }),
    args.access &&
      verifySignatures({ table: args.access.table, region: args.region, service: 'redshift-data' }),
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

await startForParent(() => startWarehouse(warehouseArgs.parse(readArguments())));
