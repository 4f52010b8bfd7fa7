import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, lstatSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startLocalCloud } from '../../../infra/local/cloud.ts';
import type { CloudFile, LocalCloud, LocalCloudOptions } from '../../../infra/local/local-cloud.ts';
import {
  aFunction,
  aMachine,
  aRule,
  aSchedule,
  invokes,
  RUNNABLE,
  writeAssembly,
} from './hand-made-assembly.ts';

/** Puts an object named by the event, with the keys and endpoints of its environment; waits first when told to. */
const BUNDLE = `
import { PutObjectCommand, S3Client } from ${JSON.stringify(createRequire(import.meta.url).resolve('@aws-sdk/client-s3'))};
const s3 = new S3Client({ forcePathStyle: true });
export const handler = async (event) => {
  if (event.slowly) await new Promise((resolve) => setTimeout(resolve, event.slowly));
  await s3.send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: event.key, Body: event.key }));
  return { key: event.key };
};`;

const puts = (key: string): object =>
  invokes('Put', { Arguments: { FunctionName: '@@Put@@', Payload: { key, slowly: 300 } }, End: true });
const created = (prefix: string): object => ({
  source: ['aws.s3'],
  'detail-type': ['Object Created'],
  detail: { bucket: { name: [{ Ref: 'B' }] }, object: { key: [{ prefix }] } },
});

/** A schedule puts first/…, that starts a machine that puts second/… and an event, and that starts the last one. */
const RESOURCES: Readonly<Record<string, object>> = {
  ...RUNNABLE,
  B: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    },
  },
  Put: aFunction({ Environment: { Variables: { BUCKET: { Ref: 'B' } } } }),
  First: aMachine({ StartAt: 'PutFirst', States: { PutFirst: puts('first/x') } }),
  Second: aMachine({
    StartAt: 'PutSecond',
    States: {
      PutSecond: { ...puts('second/x'), End: undefined, Next: 'Tell' },
      Tell: {
        Type: 'Task',
        Resource: 'arn:aws:states:::events:putEvents',
        Arguments: {
          Entries: [{ Source: 'test', DetailType: 'Done', Detail: { key: '{% $states.input.key %}' } }],
        },
        End: true,
      },
    },
  }),
  Third: aMachine({ StartAt: 'PutThird', States: { PutThird: puts('third/x') } }),
  Start: aSchedule('First'),
  OnFirst: aRule('Second', created('first/')),
  OnTold: aRule('Third', { source: ['test'] }),
};

let folder = '';
let assembly = '';
let cloud: LocalCloud | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloud-'));
  assembly = await writeAssembly(join(folder, 'cdk.out'), { resources: RESOURCES, bundle: BUNDLE });
});
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});
afterAll(() => rm(folder, { recursive: true }));

const start = async (data: string, rest: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> => {
  cloud = await startLocalCloud({ assembly, data: join(folder, data), secrets: {}, ...rest });
  return cloud;
};

/** What the cloud on a folder says of itself. */
const readCloudFile = async (data: string): Promise<CloudFile> =>
  JSON.parse(await readFile(join(folder, data, 'cloud.json'), 'utf8'));

/**
 * What in a folder, itself included, others than its owner have any right to. PGlite gives its cache of the catalogue modes of its own; the
 * folders that it is in are closed.
 */
const openToOthers = async (path: string): Promise<string[]> => {
  const names = (await readdir(path, { recursive: true })).filter(
    (name) => !name.endsWith('pg_internal.init'),
  );
  const all = [path, ...names.map((name) => join(path, name))];
  return all.filter((one) => ((lstatSync(one, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0);
};

const keysIn = async (data: string): Promise<(string | undefined)[]> => {
  const { endpoints, region, credentials } = await readCloudFile(data);
  const s3 = new S3Client({ endpoint: endpoints.s3, region, credentials, forcePathStyle: true });
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'one-b' }));
  const first = await s3.send(new GetObjectCommand({ Bucket: 'one-b', Key: 'first/x' }));
  expect(await first.Body?.transformToString()).toBe('first/x');
  s3.destroy();
  return listed.Contents?.map(({ Key }) => Key) ?? [];
};

const succeeded = (running: LocalCloud): string[] =>
  running
    .executions()
    .filter(({ status }) => status === 'SUCCEEDED')
    .map(({ machine }) => machine);

/** A cloud in a process group of its own, up to when it puts the second object. */
const untilSecond = async (data: string) => {
  const entry = fileURLToPath(new URL('./cloud-process.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, assembly, join(folder, data)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const lines = createInterface({ input: child.stdout });
  for await (const [line] of on(lines, 'line')) if (line.includes('state-entered PutSecond')) break;
  return { child, lines };
};

/** The servers and children of this process; one that is closed is gone a turn later. */
const openHandles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => ['TCPServerWrap', 'UDPWrap', 'ProcessWrap'].includes(kind));

const ALL_KEYS = ['first/x', 'second/x', 'third/x'];
const AT = new Date('2026-11-23T12:00:00Z');

describe('the local cloud', () => {
  it('runs what was synthesized, from schedule to object to event, until it is idle', async () => {
    const running = await start('plain');
    expect(running.schedules()).toMatchObject([{ name: 'One-Start', machine: 'One-First' }]);
    await running.fireSchedule('One-Start', AT);
    await running.idle();
    expect(await keysIn('plain')).toEqual(ALL_KEYS);
    expect(running.executions()).toMatchObject([
      { machine: 'One-First', input: '{"at":"2026-11-23T12:00:00Z"}', status: 'SUCCEEDED' },
      { machine: 'One-Second', status: 'SUCCEEDED' },
      { machine: 'One-Third', status: 'SUCCEEDED' },
    ]);
    expect(await readCloudFile('plain')).toMatchObject({
      pid: process.pid,
      endpoints: running.endpoints,
      buckets: ['one-b'],
    });
    expect(await openToOthers(join(folder, 'plain'))).toEqual([]);
    await expect(startLocalCloud({ assembly, data: join(folder, 'plain'), secrets: {} })).rejects.toThrow(
      `process ${process.pid}`,
    );
    await expect(running.fireSchedule('Nobody', AT)).rejects.toThrow(/Nobody.*One-Start/);
  });

  it('goes on where kill -9 of the whole left it', async () => {
    const { child } = await untilSecond('killed');
    child.kill('SIGKILL');
    await once(child, 'close');
    const running = await start('killed');
    await running.idle();
    expect(await keysIn('killed')).toEqual(ALL_KEYS);
    expect(running.executions().find(({ machine }) => machine === 'One-Second')?.starts).toBe(2);
  });

  it('ends in order when a terminal interrupts it, and goes on as after a kill', async () => {
    const { child, lines } = await untilSecond('interrupted');
    const told: string[] = [];
    lines.on('line', (line) => told.push(line));
    // A terminal signals the whole process group of what it runs.
    process.kill(-Number(child.pid), 'SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(told.filter((line) => line.includes('failed'))).toEqual([]);
    const running = await start('interrupted');
    await running.idle();
    expect(await keysIn('interrupted')).toEqual(ALL_KEYS);
    expect(succeeded(running).length).toBe(running.executions().length);
    expect(running.executions().find(({ machine }) => machine === 'One-Second')?.starts).toBe(2);
  });

  it('under duplicates, reordering, double runs, throttles and kills still ends', async () => {
    const running = await start('faulty', {
      timeScale: 0.01,
      faults: { seed: 7, duplicateDeliveries: true, runTwice: true, reorderWithinMs: 100 },
    });
    await running.fireSchedule('One-Start', AT);
    await running.idle();
    expect(await keysIn('faulty')).toEqual(ALL_KEYS);
    expect(succeeded(running).length).toBe(running.executions().length);
    expect(succeeded(running).filter((machine) => machine === 'One-First')).toHaveLength(4);
    running.setFaults({ killEnvironment: { afterMs: 100, share: 1 } });
    await running.fireSchedule('One-Start', AT);
    await running.idle();
    expect(running.executions().at(-1)).toMatchObject({
      status: 'FAILED',
      error: 'Runtime.ExitError',
      failedState: 'PutFirst',
    });
  });

  it('tells when a process of it has died', async () => {
    const running = await start('dying');
    process.kill(Number(await readFile(join(folder, 'dying', 'redshift', 'lock'), 'utf8')), 'SIGKILL');
    expect((await running.failed).message).toMatch(/redshift.process.ts ended with SIGKILL/);
    await expect(running.idle()).rejects.toThrow('SIGKILL');
  });

  it('leaves nothing behind when it does not start, so that the next start says the same or succeeds', async () => {
    const data = join(folder, 'unstartable');
    // The warehouse's own lock: the process that wants it is the last that starts.
    await mkdir(join(data, 'redshift/lock.sqlite'), { recursive: true });
    for (const _time of ['first', 'second']) {
      await expect(start('unstartable')).rejects.toThrow(/redshift.process.ts ended with 1.*EISDIR/s);
      await expect.poll(openHandles).toEqual([]);
    }
    await rm(join(data, 'redshift'), { recursive: true });
    await start('unstartable');
  });

  it('closes, and starts again on its folder', async () => {
    const running = await start('plain');
    await running.close();
    cloud = undefined;
    expect(existsSync(join(folder, 'plain', 'cloud.json'))).toBe(false);
    const again = await start('plain');
    await again.idle({ signal: AbortSignal.timeout(30_000) });
    await expect(again.idle({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
