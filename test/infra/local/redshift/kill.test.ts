import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchExecuteStatementCommand, DescribeStatementCommand } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse } from '../../../../infra/local/redshift/query.ts';
import { type ObjectsServer, startObjectsServer } from './objects-server.ts';
import { type RunningWarehouse, startWarehouse, TARGET } from './start-warehouse.ts';

/** A new database takes 3 s on a quiet machine. */
const START_MS = 120_000;

let objects: ObjectsServer;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'warehouse-'));
  objects = await startObjectsServer();
}, START_MS);

afterAll(() => {
  objects.close();
  rmSync(dir, { recursive: true });
});

const submit = async (warehouse: RunningWarehouse, sqls: readonly string[], ClientToken: string) =>
  (
    await warehouse.client.send(
      new BatchExecuteStatementCommand({ ...TARGET, Sqls: [...sqls], WithEvent: true, ClientToken }),
    )
  ).Id;

test(
  'a warehouse waits for the one before it, which a killed cloud left behind, to end',
  async () => {
    const first = await startWarehouse(dir, objects.url);
    const starting = startWarehouse(dir, objects.url);
    const isReady = await Promise.race([
      starting.then(() => true),
      first.execute('SELECT 1').then(() => false),
    ]);
    expect(isReady).toBe(false);
    await first.child.stop();
    const second = await starting;
    expect(await second.rows('SELECT 1')).toEqual([[1]]);
    await second.child.stop();
  },
  START_MS,
);

test(
  'a batch that a kill cut off was aborted, one that waited is run, and both send their events',
  async () => {
    const first = await startWarehouse(dir, objects.url);
    await first.execute('CREATE TABLE cut (k INT)');
    objects.putManifest('cut.manifest', ['cut.csv.zst']);
    objects.putCsv('cut.csv.zst', '2\n');
    const { reached } = objects.hold('cut.csv.zst');
    const copy = "COPY cut FROM 's3://bucket/cut.manifest' IAM_ROLE default MANIFEST CSV ZSTD";
    const running = await submit(first, ['INSERT INTO cut VALUES (1)', copy], 'running');
    const waiting = await submit(first, ['INSERT INTO cut VALUES (3)'], 'waiting');
    await reached;
    await first.child.kill();

    const second = await startWarehouse(dir, objects.url);
    const describe = (Id: string | undefined) =>
      second.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    expect(await describe(running)).toMatchObject({ Status: 'ABORTED' });
    expect(await describe(waiting)).toMatchObject({ Status: 'FINISHED' });
    expect(await second.rows('SELECT k FROM cut')).toEqual([[3]]);
    expect(await submit(second, ['SELECT 1'], 'waiting')).toBe(waiting);
    await second.child.flush();
    expect(second.events.map(({ detail }) => [detail.statementId, detail.state])).toEqual([
      [running, 'ABORTED'],
      [waiting, 'FINISHED'],
    ]);
    await second.child.stop();
  },
  START_MS,
);

test(
  'killed at any moment, each batch is what its description says and none is lost or done twice',
  async () => {
    let warehouse = await startWarehouse(dir, objects.url);
    await warehouse.execute('CREATE TABLE runs (run INT, n INT)');
    const ids: (string | undefined)[] = [];
    const states = new Map<unknown, unknown>();
    const note = (): void => {
      for (const { detail } of warehouse.events) states.set(detail.statementId, detail.state);
    };
    for (let round = 0; round < 4; round += 1) {
      for (let n = 0; n < 3; n += 1) {
        const run = ids.length;
        const rows = Array.from({ length: 5 }, (_, at) => `INSERT INTO runs VALUES (${run}, ${at})`);
        ids.push(await submit(warehouse, rows, `run-${run}`));
      }
      // Kills at one more statement of the batches each time.
      for (let turn = 0; turn < round; turn += 1) {
        await warehouse.client.send(new DescribeStatementCommand({ Id: ids.at(-3) }));
      }
      await warehouse.child.kill();
      note();
      warehouse = await startWarehouse(dir, objects.url);
    }
    for (const [run, Id] of ids.entries()) {
      const { Status } = await warehouse.client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }),
      );
      const rows = await warehouse.rows(`SELECT COUNT(*) FROM runs WHERE run = ${run}`);
      expect([run, Status, rows]).toEqual([run, Status, [[Status === 'FINISHED' ? 5 : 0]]]);
      expect(['FINISHED', 'ABORTED']).toContain(Status);
      await warehouse.child.flush();
      note();
      expect(states.get(Id)).toBe(Status);
    }
    await warehouse.child.stop();
  },
  START_MS,
);

test(
  'the folder is free after a kill and locked while it runs, and people read it in between',
  async () => {
    const running = await startWarehouse(dir, objects.url);
    await expect(openWarehouse(dir)).rejects.toThrow(`held by process ${running.child.pid}`);
    await running.child.kill();
    const warehouse = await openWarehouse(dir);
    expect(await warehouse.query('SELECT k, k > 2 AS b, CAST(k AS DECIMAL(4,2)) AS d FROM cut')).toEqual({
      columns: [
        { name: 'k', type: 'int4' },
        { name: 'b', type: 'bool' },
        { name: 'd', type: 'numeric' },
      ],
      rows: [[3, true, '3.00']],
    });
    await expect(warehouse.query('DROP TABLE cut')).rejects.toThrow('anything but SELECT');
    await expect(warehouse.query('SELECT nothing FROM cut')).rejects.toThrow(
      'column "nothing" does not exist',
    );
    await warehouse.close();
    await expect(openWarehouse(join(dir, 'none'))).rejects.toThrow('no warehouse');
  },
  START_MS,
);
