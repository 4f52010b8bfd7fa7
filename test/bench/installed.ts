import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = 'infra/cli/millrace.js';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the package and puts it into a folder, as npm does. Gives the command's program and first argument. */
export const install = (folder: string): readonly [string, string] => {
  execFileSync(process.execPath, [join(root, 'infra/package/build.ts')], { stdio: 'ignore' });
  for (const part of ['dist', 'package.json', COMMAND])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  return [process.execPath, join(folder, COMMAND)];
};
