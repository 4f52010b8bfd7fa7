import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const COMMAND = join(import.meta.dirname, '../../../infra/cli/millrace.js');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const millrace = (...args: readonly string[]) =>
  spawnSync(process.execPath, [COMMAND, ...args], { cwd: folder, encoding: 'utf8' });

it('makes a folder whose feeds are valid, and leaves what is there', () => {
  writeFileSync(join(folder, 'package.json'), '{ "name": "mine" }');
  const made = millrace('init');
  expect(made.stderr).toContain('package.json is there and stays as it is');
  expect(made.status).toBe(0);
  expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{ "name": "mine" }');
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('.millrace/');
  expect(millrace('validate')).toMatchObject({ status: 0 });
});

it('says to install the package where the folder does not have it, and nowhere else', () => {
  expect(millrace('init').stderr).toContain('next: npm install, npx millrace run');
  mkdirSync(join(folder, 'node_modules/millrace'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/millrace/package.json'), '{}');
  expect(millrace('init').stderr).toContain('next: npx millrace run');
});

it('makes the folder that it is given', () => {
  expect(millrace('init', 'deep/er')).toMatchObject({ status: 0 });
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'deep/er/package.json'), 'utf8'));
  expect(dependencies).toEqual({ millrace: expect.stringMatching(/^\d/) });
});
