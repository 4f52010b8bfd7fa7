import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../handlers/adapters/system-clock.ts';
import { openRunningCloud } from '../../infra/cli/deployment/running-cloud.ts';
import { startLocalCloud } from '../../infra/local/cloud.ts';
import { startJazz } from '../../infra/local/jazz/server.ts';
import type { ExecutionRecord } from '../../infra/local/local-cloud.ts';
import { synthesize } from '../../infra/local/synthesize.ts';

/** A deployment that has a name, on the local cloud: its own bundles, rules and rights, from its source to its rows. */

const LOGIN = { username: 'sample', password: 'not-a-secret' } as const;
const ITEMS = 7;

let folder: string;
let executions: readonly ExecutionRecord[];
let buckets: readonly string[];
let counted: unknown;
let statements: readonly (string | undefined)[];

const writeFeeds = async (url: string): Promise<string> => {
  const feeds = join(folder, 'feeds');
  await mkdir(feeds);
  await cp('feeds/work_items.yaml', join(feeds, 'work_items.yaml'));
  const auth = '{ kind: basic, secret: millrace/jazz }';
  await writeFile(
    join(feeds, 'connections.yaml'),
    `jazz: { baseUrl: "https://prod.example", auth: ${auth} }\n`,
  );
  await writeFile(join(feeds, 'connections.test.yaml'), `jazz: { baseUrl: "${url}" }\n`);
  return feeds;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-named-'));
  const jazz = await startJazz({ seed: 5, items: ITEMS, login: { kind: 'basic', ...LOGIN } });
  // The local cloud's own overlay gives way to the deployment's.
  const context = { 'millrace:env': 'test', 'millrace:connections': 'test' };
  const assembly = join(folder, 'cdk.out');
  await synthesize({ feeds: await writeFeeds(jazz.url), out: assembly, context });
  const data = join(folder, 'data');
  const secrets = { 'millrace-test/jazz': LOGIN };
  const cloud = await startLocalCloud({ assembly, data, secrets, timeScale: 0.05 });
  const schedule = cloud.schedules().find(({ input }) => input.includes('"feed":"work_items"'));
  await cloud.fireSchedule(schedule?.name ?? '', new Date(jazz.now()));
  await cloud.idle();
  const clients = await openRunningCloud(data, { signal: new AbortController().signal, clock: systemClock });
  counted = await clients?.query('SELECT count(*) FROM ewm.work_items');
  statements = ((await clients?.statements(0)) ?? []).map(({ name }) => name);
  await clients?.close();
  executions = cloud.executions();
  buckets = cloud.buckets;
  await cloud.close();
  await jazz.close();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));

describe('a deployment that has a name', () => {
  it('loads what its source has, with its own secret', () => {
    expect(executions.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
    expect(counted).toMatchObject({ rows: [[ITEMS]] });
  });

  it('runs by its own machines, events and statements, in its own bucket', () => {
    const machines = new Set(executions.map(({ machine }) => machine.replace(/Machine.*$/, '')));
    expect([...machines].sort()).toEqual(
      ['Extract', 'Load', 'SettleLoad'].map((name) => `MillracePipeline-test-${name}`),
    );
    const sources = executions.flatMap(({ input }) => JSON.parse(input).source ?? []);
    expect(new Set(sources)).toEqual(new Set(['aws.s3', 'aws.redshift-data', 'millrace-test']));
    expect(statements.filter((name) => name?.startsWith('millrace-test/work_items/'))).not.toEqual([]);
    expect(statements.filter((name) => name?.startsWith('millrace/'))).toEqual([]);
    for (const bucket of buckets) expect(bucket).toMatch(/^millracestorage-test-/);
  });
});
