import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { redshiftDataWarehouse } from '../../../../handlers/adapters/redshift-data-warehouse.ts';
import type { Warehouse } from '../../../../handlers/ports/warehouse.ts';
import { type ObjectsServer, startObjectsServer } from './objects-server.ts';
import { type RunningWarehouse, startWarehouse } from './start-warehouse.ts';

/** Runs a local warehouse beside the tests of a file, and gives its port, and the S3 that it copies from, before the first of them. */
export const withWarehouse = (
  use: (opened: { readonly s3: ObjectsServer; readonly warehouse: Warehouse }) => void,
): void => {
  const dir = mkdtempSync(join(tmpdir(), 'on-warehouse-'));
  let s3: ObjectsServer;
  let running: RunningWarehouse;
  beforeAll(async () => {
    s3 = await startObjectsServer();
    running = await startWarehouse(dir, s3.url);
    use({
      s3,
      warehouse: redshiftDataWarehouse(running.client, { workgroupName: 'local', database: 'dev' }),
    });
  });
  afterAll(async () => {
    await running.child.stop();
    s3.close();
    rmSync(dir, { recursive: true });
  });
};
