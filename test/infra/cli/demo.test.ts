import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Jazz, startJazz } from '../../../infra/local/jazz/server.ts';
import { expectedComments, expectedWorkItems } from '../local/jazz/expected-rows.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const ITEMS = 150;
const LONG = 240_000;

/** Runs the command as a shell does, with the Node that the machine has. */
const millrace = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn('node', ['infra/cli/millrace.js', ...args], {
    cwd: ROOT,
    env: { ...process.env, PATH: withoutOwnNode(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, status };
};

/** The path without node_modules/.bin, where the pinned Node would be found first. */
const withoutOwnNode = (): string =>
  (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':');

const query = async (data: string, sql: string): Promise<unknown> => {
  const { out, err, status } = await millrace(['query', '--data', data, '--format', 'json', sql]);
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out);
};

let data = '';
let shown: Awaited<ReturnType<typeof millrace>>;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  shown = await millrace(['demo', '--data', data, '--items', String(ITEMS)]);
}, LONG);
afterAll(() => rm(data, { recursive: true, force: true }));

/** The sample server as the demo left it. */
const atTheSource = async <T>(look: (jazz: Jazz) => T): Promise<T> => {
  const jazz = await startJazz({ seed: 1, items: ITEMS });
  jazz.change(6);
  const seen = look(jazz);
  await jazz.close();
  return seen;
};

describe('the demo', () => {
  it('goes from nothing to merged tables and says what it does', () => {
    expect(shown.err).toBe('');
    expect(shown.status).toBe(0);
    expect(shown.out).toContain('✓ synthesize the CDK app');
    expect(shown.out).toMatch(/ewm\.work_items {2}150 rows {2}150 inserted/);
    expect(shown.out).toMatch(/ewm\.work_items {2}150 rows {2}6 updated/);
    expect(shown.out).toContain('quality.findings  3 rows  3 inserted');
    expect(shown.out).toMatch(/where the time went \(\w+, the slowest feed, [\d.]+ m?s\)/);
    expect(shown.out).toMatch(/Extract +[\d.]+ m?s/);
    expect(shown.out).toMatch(/slice \d +[\d.]+ m?s/);
    expect(shown.out).toContain('npx millrace query');
    const named = [...shown.out.matchAll(/\S+\/(?:inspections\.xml|\w+\.yaml)/g)].map(([path]) => path);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
    expect(named).toContain(join(data, 'feeds/work_items.yaml'));
    expect(shown.out).not.toContain('\u001b');
  });

  it(
    'leaves in the warehouse every field of every work item as the source has it',
    async () => {
      const rows = await query(
        data,
        `SELECT ${Object.keys(expectedWorkItems).join(', ')} FROM ewm.work_items ORDER BY id`,
      );
      expect(rows).toEqual(
        await atTheSource((jazz) => [...jazz.workItems()].map((item) => toRow(expectedWorkItems, item))),
      );
    },
    LONG,
  );

  it(
    'leaves every comment, and none that was dropped',
    async () => {
      const rows = await query(
        data,
        'SELECT w.id, c.position, c.created, c.author, c.content FROM ewm.comments c JOIN ewm.work_items w ON w.item_id = c.item_id ORDER BY w.id, c.position',
      );
      expect(rows).toEqual(await atTheSource((jazz) => [...jazz.workItems()].flatMap(expectedComments)));
    },
    LONG,
  );
});

const toRow = (columns: typeof expectedWorkItems, item: Parameters<(typeof expectedWorkItems)[string]>[0]) =>
  Object.fromEntries(Object.entries(columns).map(([name, of]) => [name, of(item)]));
