import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { placeOf } from '../../../infra/cli/page-place.ts';

const user = mkdtempSync(join(tmpdir(), 'millrace-pages-'));
afterAll(() => rmSync(user, { recursive: true, force: true }));

const installed = join(user, 'node_modules/millrace');
const here = join(installed, 'dist/infra/cli');
for (const folder of [here, join(installed, 'docs')]) mkdirSync(folder, { recursive: true });
writeFileSync(join(installed, 'docs/runbook.md'), '');

it('names a page in docs/ of a checkout', () => {
  expect(placeOf('runbook')).toBe('docs/runbook.md');
});

it('names the page of an installed package from the folder that it is in', () => {
  expect(placeOf('runbook', { here, cwd: user })).toBe('node_modules/millrace/docs/runbook.md');
});

it('names the whole path where that is shorter', () => {
  const cwd = join(user, 'a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z');
  expect(placeOf('runbook', { here, cwd })).toBe(join(installed, 'docs/runbook.md'));
});

it('is what every message of the command names a page by', () => {
  const sources = readdirSync('infra/cli', { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && name !== 'page-place.ts',
  );
  const named = sources.filter((name) =>
    readFileSync(join('infra/cli', name), 'utf8')
      .split('\n')
      .some((line) => /docs\/[\w-]+\.md/.test(line) && !/^\s*(\/?\*|\/\/)/.test(line)),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(named).toEqual([]);
});
