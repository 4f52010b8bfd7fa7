import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFolderAtRest } from '../../../../infra/cli/deployment/folder-at-rest.ts';

const folder = await mkdtemp(join(tmpdir(), 'at-rest-'));
afterAll(() => rm(folder, { recursive: true }));

describe('a folder in which nothing was run', () => {
  it('is named to who asks for its feeds or its records, with what to do', async () => {
    const clock = { now: () => 0, sleep: async () => undefined };
    const deployment = openFolderAtRest(folder, { clock, signal: new AbortController().signal });
    const says = `nothing was run there: tried ${join(folder, 's3')}; run a feed first: npx millrace run --once, or name another folder with --data, or a deployment with --env`;
    await expect(deployment.readFeeds()).rejects.toThrow(says);
    await expect(deployment.records.list('plans/')).rejects.toThrow(says);
    await deployment.close();
  });
});
