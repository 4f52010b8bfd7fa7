import { access, constants, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../../infra/cli/command.ts';
import { VERBS } from '../../../infra/cli/verbs/registry.ts';
import type { Verb } from '../../../infra/cli/verbs/verb.ts';
import { fakeIo } from './fake-io.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const start = async (line: string, cwd: string) => {
  const io = fakeIo({ cwd });
  return { status: await runCommand(line.split(' '), io, '1.2.3'), io };
};

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-feeds-'));
  await mkdir(join(cwd, 'feeds'));
});
afterEach(() => rm(cwd, { recursive: true }));

const feed = `feed: items
source: { s3: {} }
tables:
  a.items:
    rows: /items/item
    disposition: append
    columns: { id: bigint }
`;

describe('validate', () => {
  it('takes the sample feeds as they are', async () => {
    const { status, io } = await start('validate', ROOT);
    expect(status).toBe(0);
    expect(io.out()).toContain('✓ work_items  ewm.work_items, ewm.comments');
    expect(io.out()).toContain('✓ inspections  quality.inspections, quality.findings');
    expect(io.err()).toBe('');
  });

  it('takes named files alone', async () => {
    const { status, io } = await start('validate feeds/inspections.yaml', ROOT);
    expect(status).toBe(0);
    expect(io.out()).not.toContain('work_items');
  });

  it('ends with 2 and names file, line, column and the nearest right key', async () => {
    await writeFile(join(cwd, 'feeds', 'items.yaml'), feed.replace('disposition', 'dispositoin'));
    const { status, io } = await start('validate', cwd);
    expect(status).toBe(2);
    expect(io.out()).toBe('');
    expect(io.err()).toMatch(/^feeds\/items\.yaml:6:5: .*dispositoin.*disposition/);
  });

  it('reads the connections of the folder, overlaid by those of this machine', async () => {
    const http = feed.replace('{ s3: {} }', '{ http: { connection: here, path: /x } }');
    await writeFile(join(cwd, 'feeds', 'items.yaml'), http);
    expect((await start('validate', cwd)).status).toBe(2);
    await writeFile(join(cwd, 'feeds', 'connections.yaml'), 'here: { baseUrl: "https://a.example" }');
    expect((await start('validate', cwd)).status).toBe(0);
    await writeFile(join(cwd, 'feeds', 'connections.local.yaml'), 'here: { baseUrl: "http://127.0.0.1:1" }');
    expect((await start('validate feeds/items.yaml', cwd)).status).toBe(0);
  });

  it.each([
    ['validate --feeds nowhere', 'go to the folder that has it, or make one: npx millrace init'],
    ['validate', 'no feed in feeds'],
    ['validate feeds/x.yaml', 'feeds/x.yaml is not there, allowed a feed file: tried /'],
    ['validate feeds', 'feeds is a folder, allowed a feed file\n'],
    ['validate feeds/x.yaml/y.yaml feeds', 'feeds is a folder'],
  ])('refuses %s', async (line, message) => {
    const { status, io } = await start(line, cwd);
    expect(status).toBe(2);
    expect(io.err()).toContain(message);
  });
});

describe('files that cannot be read as feeds', () => {
  it.each([
    ['books.yml', 'books.yaml'],
    ['books.YAML', 'books.yaml'],
    ['connections.yml', 'connections.yaml'],
  ])('are told where their name is %s, with the right one', async (name, right) => {
    await writeFile(join(cwd, 'feeds', 'items.yaml'), feed);
    await writeFile(join(cwd, 'feeds', name), '');
    const { status, io } = await start('validate', cwd);
    expect([status, io.err()]).toEqual([
      2,
      `feeds/${name} is not read, allowed names end in .yaml: rename it to ${right}\n`,
    ]);
  });

  it('are told by their paths, together with the problems of the others', async () => {
    await mkdir(join(cwd, 'feeds', 'folder.yaml'));
    await symlink('loop.yaml', join(cwd, 'feeds', 'loop.yaml'));
    await writeFile(join(cwd, 'feeds', 'items.yaml'), feed.replace('bigint', 'bigin'));
    const { status, io } = await start('validate', cwd);
    expect(status).toBe(2);
    expect(io.err().split('\n')).toEqual([
      'feeds/folder.yaml is a folder, allowed a feed file',
      expect.stringMatching(/^feeds\/loop\.yaml cannot be read: ELOOP/),
      expect.stringMatching(/^feeds\/items\.yaml:7:20: .*'bigin'/),
      '',
    ]);
  });

  it('are refused where they are not UTF-8, with the line', async () => {
    const latin = Buffer.from(feed.replace('feed: items\n', 'feed: items\n# gültig\n'), 'latin1');
    await writeFile(join(cwd, 'feeds', 'items.yaml'), latin);
    const { status, io } = await start('validate', cwd);
    expect([status, io.err()]).toEqual([
      2,
      'feeds/items.yaml:2:1: got bytes that are no UTF-8, allowed UTF-8\n',
    ]);
    await writeFile(join(cwd, 'feeds', 'items.yaml'), `\ufeff${feed}`);
    expect((await start('validate', cwd)).status).toBe(0);
    await writeFile(join(cwd, 'feeds', 'connections.yaml'), Buffer.from('# \xfc', 'latin1'));
    expect((await start('validate', cwd)).io.err()).toMatch(/^feeds\/connections\.yaml:1:1: got bytes/);
  });

  it('are told of for connections too', async () => {
    await writeFile(join(cwd, 'feeds', 'items.yaml'), feed);
    await mkdir(join(cwd, 'feeds', 'connections.local.yaml'));
    const { status, io } = await start('validate', cwd);
    expect([status, io.err()]).toEqual([
      2,
      'feeds/connections.local.yaml is a folder, allowed a file of connections\n',
    ]);
  });
});

describe('the command', () => {
  it('prints help and version on stdout', async () => {
    expect((await start('--help', cwd)).io.out()).toContain('usage: millrace VERB');
    expect((await start('run --help', cwd)).io.out()).toContain('--file F=PATH');
    expect((await start('--version', cwd)).io.out()).toBe('1.2.3\n');
  });

  it('ends wrong usage with 2 and one line', async () => {
    const { status, io } = await start('rnu', cwd);
    expect(status).toBe(2);
    expect(io.err()).toMatch(/^millrace: unknown verb rnu, did you mean run\?.*\n$/);
  });

  it('ends failed work with 1, and interrupted work with 130', async () => {
    const demo: Verb = {
      ...VERBS.demo,
      run: async () => {
        throw new Error('the disk is full');
      },
    };
    const io = fakeIo();
    expect(await runCommand(['demo'], io, '', { ...VERBS, demo })).toBe(1);
    expect(io.err()).toBe('millrace: the disk is full\n');
    io.interrupt();
    expect(await runCommand(['demo'], io, '', { ...VERBS, demo })).toBe(130);
  });

  it('is a file that may be run: npx runs the file itself', async () => {
    const { bin } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    await access(join(ROOT, bin.millrace), constants.X_OK);
  });
});
