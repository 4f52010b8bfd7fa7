import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NEEDS_AWS, readAwsEnvironment } from './environment.ts';
import { lookFirst } from './look-first.ts';

/** `npm run test:aws`: the project `aws` of vitest.config.ts, for whoever has an account and says so. */

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

const run = async (): Promise<number> => {
  if (process.env.MILLRACE_AWS === undefined) {
    console.log(NEEDS_AWS);
    return 0;
  }
  try {
    await lookFirst(readAwsEnvironment(process.env));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  return spawnSync(process.execPath, [VITEST, 'run', '--project', 'aws'], { stdio: 'inherit' }).status ?? 1;
};

process.exitCode = await run();
