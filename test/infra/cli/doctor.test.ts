import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { examineMachine, type Machine } from '../../../infra/cli/doctor-machine.ts';
import { loopbackSource } from '../../fakes/loopback-source.ts';
import { fakeIo } from './fake-io.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  await mkdir(join(folder, 'feeds'));
});
afterEach(() => rm(folder, { recursive: true }));

const GIB = 2 ** 30;
const machine = (change: Partial<Machine> = {}): Machine => ({
  nodeVersion: '24.21.0',
  memoryBytes: 8 * GIB,
  freeBytes: () => 8 * GIB,
  ...change,
});

const doctor = async (env = {}, argv: readonly string[] = []) => {
  const io = fakeIo({ cwd: folder, env });
  const status = await runCommand(['doctor', ...argv], io, '0');
  return { status, out: io.out(), err: io.err() };
};

describe('doctor', () => {
  test('says of a folder in which nothing was run what its feeds lack, and the command that mends it', async () => {
    const source = await loopbackSource((_, response) =>
      response.writeHead(200, { date: new Date(fakeIo().now()).toUTCString() }).end(),
    );
    await writeFile(
      join(folder, 'feeds', 'items.yaml'),
      `feed: items
source: { http: { url: "${source.origin}/a", auth: { kind: bearer, secret: a/token } } }
tables:
  t.items: { rows: /r/i, disposition: merge, key: [id], columns: { id: bigint } }
`,
    );
    const { status, out } = await doctor();
    expect(status).toBe(1);
    expect(out).toMatch(/^wrong +secret a\/token .*\n {8}npx millrace secret set a\/token$/m);
    expect(out).toMatch(/^ok +source http:\/\/127\.0\.0\.1:\d+ +answers, and its clock is right$/m);
    const mended = await doctor({ MILLRACE_SECRETS: '{"a/token":{"token":"x"}}' }, ['--json']);
    expect(mended.status).toBe(0);
    expect(JSON.parse(mended.out)).toMatchObject({ ok: true });
    expect(mended.out + mended.err).not.toContain('"x"');
  });

  test.each<[string, Partial<Machine>, string, string]>([
    ['an old Node', { nodeVersion: '20.1.0' }, 'node', 'is 20.1.0, allowed 22.15 or later'],
    ['an old Node 22', { nodeVersion: '22.9.0' }, 'node', 'is 22.9.0, allowed 22.15 or later'],
    ['little memory', { memoryBytes: GIB }, 'memory', 'has 1.0 GiB; the local cloud may take 2.0 GiB'],
    [
      'a full disk',
      { freeBytes: () => GIB / 2 },
      'disk of /nowhere/at/all',
      'has 0.5 GiB free, and a first run takes up to 1.0 GiB',
    ],
  ])('tells of %s', (_, change, of, says) => {
    const wrong = examineMachine('/nowhere/at/all', machine(change)).filter(({ state }) => state !== 'ok');
    expect(wrong).toMatchObject([{ of, says }]);
  });

  test.each([
    ['journal.sqlite', ['s3'], 'is gone or empty, while'],
    ['s3/index.sqlite', ['s3/blobs'], 'is gone or empty, while'],
    ['redshift/pg', ['redshift'], 'is gone, while'],
  ])('tells of %s that is gone or empty, while others tell of it', async (file, folders, says) => {
    for (const name of folders) await mkdir(join(folder, name), { recursive: true });
    if (file !== 'journal.sqlite') await writeFile(join(folder, 'journal.sqlite'), 'SQLite');
    await writeFile(join(folder, file === 'redshift/pg' ? 'redshift/statements.sqlite' : file), '');
    const wrong = examineMachine(folder, machine()).filter(({ state }) => state !== 'ok');
    expect(wrong).toMatchObject([
      {
        of: `folder ${folder}`,
        says: expect.stringContaining(`${join(folder, file)} ${says}`),
        remedy: 'docs/damaged-folder.md',
      },
    ]);
  });

  test('tells of a file where a folder has to be', async () => {
    await writeFile(join(folder, 'redshift'), '');
    const wrong = examineMachine(folder, machine()).filter(({ state }) => state !== 'ok');
    expect(wrong).toMatchObject([{ of: `folder ${folder}`, remedy: 'docs/damaged-folder.md' }]);
  });
});
