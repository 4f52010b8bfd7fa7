import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../handlers/adapters/system-clock.ts';
import { runCommand } from '../../infra/cli/command.ts';
import { openRunningCloud } from '../../infra/cli/deployment/running-cloud.ts';
import { startLocalCloud } from '../../infra/local/cloud.ts';
import { startJazz } from '../../infra/local/jazz/server.ts';
import { CLIENT_FILE, type ExecutionRecord, type LocalCloud } from '../../infra/local/local-cloud.ts';
import { synthesize } from '../../infra/local/synthesize.ts';
import { fakeIo } from '../infra/cli/fake-io.ts';

/** A deployment that has a name, on the local cloud: its own bundles, rules and rights, from its source to its rows. */

const LOGIN = { username: 'sample', password: 'not-a-secret' } as const;
const ITEMS = 7;

let folder: string;
let executions: readonly ExecutionRecord[];
let buckets: readonly string[];
let counted: unknown;
let byEnv: Awaited<ReturnType<typeof operate>>;
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

/** What verbs with --env do, where AWS is the local cloud's endpoints; the trigger's execution is waited for. */
const operate = async (data: string, cloud: LocalCloud) => {
  const variables = /^export (AWS_\w+)='(.*)'$/gm;
  const text = await readFile(join(data, CLIENT_FILE), 'utf8');
  for (const [, name = '', value = ''] of text.matchAll(variables)) vi.stubEnv(name, value);
  const type = async (...words: readonly string[]) => {
    const io = fakeIo();
    return { status: await runCommand([...words, '--env', 'test'], io, '0'), out: io.out(), err: io.err() };
  };
  try {
    return {
      status: await type('status', '--json'),
      query: await type('query', 'select count(*) as n from ewm.work_items', '--format', 'csv'),
      paused: await type('pause', 'work_items'),
      resumed: await type('resume', 'work_items'),
      triggered: await type('trigger', 'work_items'),
      none: await runCommand(['status', '--env', 'prod'], fakeIo(), '0'),
    };
  } finally {
    vi.unstubAllEnvs();
    await cloud.idle();
  }
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
  const sweep = cloud.schedules().find(({ input }) => !input.includes('"feed"'));
  await cloud.fireSchedule(sweep?.name ?? '', new Date());
  await cloud.idle();
  byEnv = await operate(data, cloud);
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
  it('is found by it, asked and told by the operating verbs, as on AWS', () => {
    expect(JSON.parse(byEnv.status.out)).toMatchObject({
      ok: true,
      feeds: [{ feed: 'work_items', state: 'ok', isDeployed: true, pending: 0 }],
    });
    expect(byEnv.query).toMatchObject({ status: 0, out: `n\n${ITEMS}\n` });
    expect(byEnv.paused.out).toMatch(/to go on: npx millrace resume work_items --env test\n$/);
    expect(byEnv.resumed).toMatchObject({ status: 0, err: '' });
    expect(byEnv.triggered).toMatchObject({
      status: 0,
      out: 'triggered work_items\nsee what comes of it: npx millrace status work_items --env test\n',
    });
    expect(byEnv.none).toBe(2);
    const triggered = executions.filter(({ input }) => JSON.parse(input)['detail-type'] === 'Continue');
    expect(triggered).toMatchObject([{ status: 'SUCCEEDED' }]);
  });

  it('loads what its source has, with its own secret', () => {
    expect(executions.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
    expect(counted).toMatchObject({ rows: [[ITEMS]] });
  });

  it('runs by its own machines, events and statements, in its own bucket', () => {
    const machines = new Set(executions.map(({ machine }) => machine.replace(/Machine.*$/, '')));
    expect([...machines].sort()).toEqual(
      ['Extract', 'Load', 'SettleLoad', 'Sweep'].map((name) => `MillracePipeline-test-${name}`),
    );
    const sources = executions.flatMap(({ input }) => JSON.parse(input).source ?? []);
    expect(new Set(sources)).toEqual(new Set(['aws.s3', 'aws.redshift-data', 'millrace-test']));
    expect(statements.filter((name) => name?.startsWith('millrace-test/work_items/'))).not.toEqual([]);
    expect(statements.filter((name) => name?.startsWith('millrace/'))).toEqual([]);
    for (const bucket of buckets) expect(bucket).toMatch(/^millracestorage-test-/);
  });
});
