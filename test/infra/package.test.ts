import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleHandlers } from '../../infra/bundles.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NPM_ENVIRONMENT = { ...process.env, NODE_OPTIONS: '', npm_config_ignore_scripts: 'true' };

interface LockEntry {
  readonly dev?: boolean;
  readonly version: string;
}
interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

let folder = '';
let user = '';
/** What the package holds, as npm says. */
let files: readonly string[] = [];
/** Why nothing could be installed: npm's cache has not all of the packages. */
let missing: string | undefined;

const run = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { cwd: user, env: NPM_ENVIRONMENT, encoding: 'utf8' });
const millrace = (...args: readonly string[]) => run('npx', '--no-install', 'millrace', ...args);

/** A lock file of the user's: the project's own, without what it has for development. So npm asks no registry which versions there are. */
const lockOf = (tarball: string): object => {
  const { packages }: Lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const { '': own, ...others } = packages;
  const needed = Object.entries(others).filter(([, { dev }]) => dev !== true);
  const { devDependencies: _, ...installed } = { devDependencies: {}, ...own };
  return {
    name: 'user',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { dependencies: { millrace: `file:${tarball}` } },
      'node_modules/millrace': { ...installed, resolved: `file:${tarball}` },
      ...Object.fromEntries(needed),
    },
  };
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-package-'));
  // What a URL would read otherwise than a path.
  user = join(folder, 'a user #1 %41');
  mkdirSync(user);
  const built = spawnSync(process.execPath, ['infra/package/build.ts'], { cwd: ROOT, encoding: 'utf8' });
  expect(built.stderr).toBe('');
  const packed = spawnSync('npm', ['pack', '--silent', '--json', '--pack-destination', folder], {
    ...{ cwd: ROOT, env: NPM_ENVIRONMENT, encoding: 'utf8' },
  });
  const [{ filename, files: listed }] = JSON.parse(packed.stdout);
  files = listed.map(({ path }: { path: string }) => path);
  const tarball = join(folder, filename);
  writeFileSync(
    join(user, 'package.json'),
    JSON.stringify({ dependencies: { millrace: `file:${tarball}` } }),
  );
  writeFileSync(join(user, 'package-lock.json'), JSON.stringify(lockOf(tarball)));
  const installed = run('npm', 'ci', '--offline');
  if (installed.status !== 0) missing = installed.stderr;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('works in a folder of one’s own, by the Node that is there', ({ skip }) => {
    // Only where npm's cache lacks a package: whatever else goes wrong fails.
    if (missing?.includes('ENOTCACHED')) skip(`npm's cache has not all packages: ${missing.slice(0, 300)}`);
    expect(missing).toBeUndefined();
    expect(readdirSync(join(user, 'node_modules/millrace'))).not.toContain('test');
    expect(readdirSync(join(user, 'node_modules'))).not.toContain('esbuild');

    expect(millrace('init')).toMatchObject({ status: 0 });
    expect(millrace('validate')).toMatchObject({ status: 0 });
    const sample = 'feeds/samples/inspections.xml';
    const converted = millrace('convert', 'feeds/inspections.yaml', sample);
    expect(converted.stdout).toMatch(/^inspection_id,plant,/);
    const ran = millrace('run', '--once', '--json', '--file', `inspections=${sample}`);
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, feeds: { inspections: { records: 3 } } });
    const found = millrace('query', 'select count(*) from quality.inspections', '--format', 'csv');
    expect(found).toMatchObject({ status: 0, stdout: 'count\n3\n' });
    expect(run('npx', '--no-install', 'cdk', 'synth', '--quiet')).toMatchObject({ status: 0 });
    expect(readdirSync(join(user, 'cdk.out'))).toContain('MillracePipeline.template.json');
  });

  it('takes up what it compiled: a verb leaves V8 with the settings that it began with', ({ skip }) => {
    if (missing !== undefined) skip('nothing is installed');
    const cache = join(user, 'node_modules/millrace/dist/node_modules/.cache/millrace');
    const listKept = () =>
      readdirSync(cache)
        .filter((name) => name.startsWith('convert-'))
        .map((name) => [name, statSync(join(cache, name)).ino]);
    const kept = listKept();
    expect(kept).toHaveLength(1);
    expect(millrace('convert', 'feeds/inspections.yaml', 'feeds/samples/inspections.xml').status).toBe(0);
    expect(listKept()).toEqual(kept);
  });

  it('has every file that its pages link to', () => {
    const pages = files.filter((path) => path.endsWith('.md') && !path.startsWith('dist/'));
    expect(pages).toContain('README.md');
    const links = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
        ([, link = '']) => ({
          page,
          path: relative(ROOT, resolve(ROOT, dirname(page), link)),
        }),
      ),
    );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ path }) => !files.includes(path))).toEqual([]);
  });

  it('names pages where they lie', ({ skip }) => {
    if (missing !== undefined) skip('nothing is installed');
    const [named = ''] = /\S+cost\.md/.exec(millrace('cost', '--help').stdout) ?? [];
    expect(named).toBe('node_modules/millrace/docs/cost.md');
    expect(existsSync(join(user, named))).toBe(true);
  });

  it('has the bundles that a checkout makes', () => {
    const sources = join(folder, 'sources');
    bundleHandlers(sources, {});
    const name = 'seal-batch/index.cjs';
    expect(readFileSync(join(ROOT, 'dist/bundles', name))).toEqual(
      readFileSync(join(sources, 'bundles', name)),
    );
  });
});
