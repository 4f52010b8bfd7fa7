import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import { openRunningCloud, type RunningCloud } from '../../../infra/cli/deployment/running-cloud.ts';
import { startLocalCloud } from '../../../infra/local/cloud.ts';
import type { LocalCloud } from '../../../infra/local/local-cloud.ts';
import { synthesize } from '../../../infra/local/synthesize.ts';

/** A local cloud of its own folder, that runs some feed files. */
export interface BenchCloud extends AsyncDisposable {
  readonly folder: string;
  readonly cloud: LocalCloud;
  readonly deployment: RunningCloud;
}

export const openBenchCloud = async (files: Readonly<Record<string, string>>): Promise<BenchCloud> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-cloud-'));
  const feeds = join(folder, 'feeds');
  const data = join(folder, 'data');
  await mkdir(feeds);
  for (const [name, text] of Object.entries(files)) await writeFile(join(feeds, name), text);
  const assembly = await synthesize({ feeds, out: join(folder, 'cdk.out') });
  const cloud = await startLocalCloud({ assembly, data, secrets: {} });
  const deployment = await openRunningCloud(data, {
    signal: new AbortController().signal,
    clock: systemClock,
  });
  if (deployment === undefined) throw new Error(`no cloud runs on ${data}`);
  return {
    folder,
    cloud,
    deployment,
    [Symbol.asyncDispose]: async () => {
      await deployment.close();
      await cloud.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
};
