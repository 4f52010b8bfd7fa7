import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

const CLI = resolve(import.meta.dirname, '../../../infra/cli');
const GRACE_MS = 200;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launch-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A launcher whose command does `work` once it has said its process id on stdout. */
const launchWork = async (work: string) => {
  const main = join(folder, 'main.ts');
  const launcher = join(folder, 'launcher.mjs');
  await writeFile(
    main,
    `import { watchLauncher } from '${CLI}/watch-launcher.ts';
const end = new AbortController();
watchLauncher(() => end.abort(), ${GRACE_MS});
process.stdout.write(process.pid + '\\n', () => {
  ${work}
});`,
  );
  await writeFile(
    launcher,
    `import { launch } from '${CLI}/launch.js';\nlaunch(process.execPath, ['${main}'], ${GRACE_MS});`,
  );
  const child = spawn(process.execPath, [launcher], { stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = await new Promise<number>((done) => child.stdout.once('data', (data) => done(Number(data))));
  return { child, pid, err: text(child.stderr) };
};

const exitOf = (child: ChildProcess) => new Promise<number | null>((done) => child.once('exit', done));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const BUSY = 'for (;;);';
/** Ends in order, later than a busy process would be killed. */
const ORDERLY = `const hold = setInterval(() => {}, 1000);
  end.signal.addEventListener('abort', () => setTimeout(() => process.exit(7), ${3 * GRACE_MS}));`;

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s ends a command that is busy in a loop',
  async (signal) => {
    const { child, pid, err } = await launchWork(BUSY);
    const exit = exitOf(child);
    child.kill(signal);
    expect([await exit, isAlive(pid), await err]).toEqual([130, false, 'millrace: interrupted\n']);
  },
);

test('a command that is busy in a loop ends when its launcher is killed', async () => {
  const { child, pid } = await launchWork(BUSY);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
});

test('a command that ends in order has the time that it takes, and its own status', async () => {
  const { child } = await launchWork(ORDERLY);
  const exit = exitOf(child);
  child.kill('SIGTERM');
  expect(await exit).toBe(7);
});

test('a command ends in order when its launcher is killed', async () => {
  const { child, pid } = await launchWork(ORDERLY);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
});

test('needs no name of node:module that an older Node lacks, so that its message comes', async () => {
  const source = await readFile(join(CLI, 'millrace.js'), 'utf8');
  expect(source).not.toMatch(/import \{[^}]*\} from 'node:module'/);
  expect(source).toContain('npm install node@');
});
