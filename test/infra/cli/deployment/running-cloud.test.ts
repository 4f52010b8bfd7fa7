import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunningCloud } from '../../../../infra/cli/deployment/running-cloud.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'millrace-running-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const options = {
  signal: new AbortController().signal,
  clock: { now: () => 0, sleep: async () => undefined },
};

const writeCloudFile = (s3: string): void => {
  const file = {
    pid: process.pid,
    region: 'us-east-1',
    assembly: join(data, 'cdk.out'),
    buckets: ['state'],
    workgroups: [{ name: 'w', database: 'dev' }],
    endpoints: { s3, redshiftData: s3, eventBridge: s3 },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  writeFileSync(join(data, 'cloud.json'), JSON.stringify(file));
};

const listen = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { endpoint: `http://127.0.0.1:${port}`, close };
};

describe('the cloud that runs on a data folder', () => {
  it('is opened where it listens', async () => {
    const { endpoint, close } = await listen();
    writeCloudFile(endpoint);
    const cloud = await openRunningCloud(data, options);
    await cloud?.close();
    await close();
    expect(cloud?.served).toEqual({ clientFile: join(data, 'aws.env'), bucket: 'state' });
  });

  it('is none where it was killed and its process id is in use still', async () => {
    const { endpoint, close } = await listen();
    await close();
    writeCloudFile(endpoint);
    expect(await openRunningCloud(data, options)).toBeUndefined();
  });
});
