import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDataFolder } from '../../../infra/cli/data-folder.ts';
import { installCache } from '../../../infra/local/install-cache.ts';

/** What another user of the machine keeps closed. The tests may run as root, to whom nothing is: other obstacles stand for it. */

const CLI = resolve(import.meta.dirname, '../../../infra/cli');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'closed-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the command starts where the cache of compiled code cannot be looked at', async () => {
  const cli = join(folder, 'infra/cli');
  await cp(CLI, cli, { recursive: true, filter: (path) => !path.endsWith('.ts') });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(cli, 'main.ts'),
    "process.stdout.write(process.env.NODE_COMPILE_CACHE ?? 'no cache');",
  );
  await mkdir(join(folder, 'node_modules'));
  await symlink('.cache', join(folder, 'node_modules/.cache'));
  const env = { PATH: process.env.PATH };
  const { stdout } = await promisify(execFile)(process.execPath, [join(cli, 'millrace.js')], { env });
  expect(stdout).toBe('no cache');
});

test('the cache closes itself, and leaves the folder above it open to other users', async () => {
  const cache = join(folder, 'node_modules/.cache/millrace');
  expect(installCache(cache)).toBe(cache);
  const modes = await Promise.all([cache, resolve(cache, '..')].map(async (path) => (await stat(path)).mode));
  expect(modes.map((mode) => mode & 0o077)).toEqual([0, 0o077 & ~process.umask()]);
});

test('a data folder of another user is refused with its owner', async () => {
  await mkdir(join(folder, 'data'));
  const args = { operands: [], values: new Map([['data', ['data']]]), flags: new Set<string>() };
  const { uid } = await stat(folder);
  expect(() => findDataFolder(args, { cwd: folder }, () => false)).toThrow(
    `--data data cannot be read by this user (id ${process.getuid?.()}), it is that of user id ${uid}: run as that user`,
  );
  expect(findDataFolder(args, { cwd: folder })).toBe(join(folder, 'data'));
});
