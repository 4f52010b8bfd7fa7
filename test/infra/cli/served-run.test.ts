import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toServedRun } from '../../../infra/cli/served-run.ts';
import { virtualClock } from '../../../infra/local/clock.ts';
import { TransientError } from '../../../shared/errors.ts';
import { files, scheduled, toArguments } from './start-run.ts';

const data = mkdtempSync(join(tmpdir(), 'served-'));
const server = createServer();
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  rmSync(data, { recursive: true });
});

const held = new TransientError('another run uses it: wait for it');
const landing = { bucket: undefined, prefix: 'landing/files/' };
const landed = (...paths: readonly string[]) => paths.map((path) => ({ feed: 'files', path, landing }));
const work = { feeds: [scheduled, files], files: landed('/drops/a.xml'), at: new Date(0) };
const tell = async (of = work, error: unknown = held): Promise<unknown> => {
  const place = { args: toArguments(`--data ${data}`), data, clock: virtualClock(0) };
  return toServedRun(error, of, { ...place, io: { signal: new AbortController().signal } });
};

const serve = (): void => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cloud = {
    ...{ pid: process.pid, region: 'us-east-1', assembly: '/nowhere', buckets: ['state'] },
    workgroups: [{ name: 'w', database: 'd' }],
    endpoints: { s3: url, redshiftData: url, eventBridge: url },
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  };
  writeFileSync(join(data, 'cloud.json'), JSON.stringify(cloud));
};

describe('a run on a folder that another holds', () => {
  it('says no more where no cloud serves it', async () => {
    expect(await tell()).toBe(held);
  });

  it('says what has the cloud do the same that serves it', async () => {
    serve();
    expect(String(await tell())).toMatch(
      /: another run uses it: wait for it; or have that run do it: \. \S+; aws s3 cp \/drops\/a\.xml s3:\/\/state\/landing\/files\/; npx millrace trigger items --data \S+$/,
    );
    expect(String(await tell({ ...work, files: landed('/a.xml', '/b.xml') }))).toContain(
      'aws s3 cp FILE s3://',
    );
    expect(String(await tell({ ...work, feeds: Array(9).fill(scheduled) }))).toContain('trigger FEED --data');
    expect(await tell({ ...work, feeds: [files], files: [] })).toBe(held);
  });

  it('is told of other errors as they are', async () => {
    const other = new Error('damaged');
    expect(await tell(work, other)).toBe(other);
  });
});
