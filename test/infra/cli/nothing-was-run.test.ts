import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { fakeIo } from './fake-io.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nothing-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each(['status', 'runs drops', 'rejects drops', 'batch f-1', 'logs f-1', 'pause drops', 'redrive drops'])(
  '%s says what to type where nothing was run yet, and makes nothing',
  async (line) => {
    const io = fakeIo({ cwd: folder });
    expect(await runCommand([...line.split(' '), '--data', 'd'], io, '0')).toBe(2);
    expect(io.err()).toContain('nothing was run there: tried ');
    expect(io.err()).toContain('run a feed first: npx millrace run --data d --once');
    expect(await readdir(folder)).toEqual([]);
  },
);
