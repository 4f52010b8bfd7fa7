import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FunctionModel } from '../../../../infra/local/assembly/resources.ts';
import { bootstrapFile } from '../../../../infra/local/lambda/bootstrap-file.ts';
import { openFunctionLogs } from '../../../../infra/local/lambda/function-logs.ts';
import type { Outcome } from '../../../../infra/local/lambda/outcome.ts';
import { createPool, type LambdaPool } from '../../../../infra/local/lambda/pool.ts';
import { variablesOf } from '../../../../infra/local/lambda/variables.ts';
import type { Faults } from '../../../../infra/local/local-cloud.ts';
import type { Pace } from '../../../../infra/local/pace.ts';

/** A bundle whose handler does what its event says. */
const BUNDLE = `
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
let calls = 0;
class SourceTruncated extends Error { name = 'SourceTruncated'; }
export const handler = async (event, context) => {
  const from = Date.now();
  calls += 1;
  if (event.throw) throw new SourceTruncated(event.throw);
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.reject) { void Promise.reject(new TypeError('left alone')); await new Promise(() => {}); }
  if (event.hang) await new Promise(() => setInterval(() => {}, 1000));
  if (event.heap) { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }
  if (event.buffers) { const all = []; for (;;) { all.push(Buffer.alloc(2e7, 1)); await new Promise((r) => setTimeout(r, 5)); } }
  if (event.large) return 'x'.repeat(event.large);
  if (event.print) console.log(event.print);
  if (event.meet) {
    mkdirSync(event.at, { recursive: true });
    writeFileSync(event.at + '/' + process.pid, '');
    while (readdirSync(event.at).length < event.meet) await new Promise((r) => setTimeout(r, 10));
  }
  if (event.ms) await new Promise((r) => setTimeout(r, event.ms));
  return { calls, event, from, to: Date.now(), pid: process.pid, trace: process.env._X_AMZN_TRACE_ID, left: context.getRemainingTimeInMillis(), id: context.awsRequestId, env: event.env ? process.env : undefined };
};
`;

const endpoints = {
  s3: 'http://127.0.0.1:1',
  redshiftData: 'http://127.0.0.1:2',
  eventBridge: 'http://127.0.0.1:3',
  secretsManager: 'http://127.0.0.1:4',
  refusing: 'http://127.0.0.1:5',
  xray: '127.0.0.1:6',
};

const bootstrap = await bootstrapFile();
const KEY = { accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't' };

let folder = '';
const pools: LambdaPool[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pool-'));
  await mkdir(join(folder, 'good'));
  await writeFile(join(folder, 'good', 'index.mjs'), BUNDLE);
  await mkdir(join(folder, 'bad'));
  await writeFile(
    join(folder, 'bad', 'index.mjs'),
    "throw Object.assign(new Error('no BUCKET'), { name: 'InvalidInput' });",
  );
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(folder, { recursive: true });
});

const aFunction = (name: string, rest: Partial<FunctionModel> = {}): FunctionModel => ({
  name,
  arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  roleArn: 'arn:aws:iam::000000000000:role/r',
  codeFolder: join(folder, 'good'),
  handler: 'index.handler',
  memoryMb: 256,
  timeoutSeconds: 10,
  environment: { BUCKET: 'a-bucket' },
  ...rest,
});

/** A machine on which work takes so many times as long as on a free one. */
const paceOf = (factor: number): Pick<Pace, 'watch'> => ({
  watch: () => ({ ms: () => 0, factor: () => factor, stop: () => undefined }),
});

const poolOf = (
  functions: readonly FunctionModel[],
  faults: Faults = {},
  maxEnvironments = 2,
  pace = paceOf(1),
) => {
  const logs = openFunctionLogs(join(folder, 'logs'));
  const struck: string[] = [];
  const pool = createPool({
    functions,
    bootstrap,
    variablesOf: (fn) => variablesOf(fn, endpoints, KEY),
    logs,
    pace,
    maxEnvironments,
    faults: () => faults,
    onStruck: (fault) => struck.push(fault),
    random: () => 0.5,
  });
  pools.push(pool);
  let ids = 0;
  const invoke = (event: object, name = 'f'): Promise<Outcome> =>
    pool.invoke({
      functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      payload: JSON.stringify(event),
      requestId: `request-${++ids}`,
      traceHeader: 'Root=1-00000000-000000000000000000000000;Parent=0000000000000001;Sampled=1',
    });
  return { pool, invoke, logs, struck };
};

const answerOf = (outcome: Outcome) => {
  if (outcome.status === 'error') throw new Error(`${outcome.errorType}: ${outcome.cause}`);
  return JSON.parse(outcome.payload);
};

describe('a function environment', () => {
  it('serves one invocation after the other, warm, with context and trace', async () => {
    const { invoke } = poolOf([aFunction('f')]);
    const first = answerOf(await invoke({ a: 1 }));
    const second = answerOf(await invoke({ a: 2 }));
    expect([first.calls, second.calls, second.pid === first.pid]).toEqual([1, 2, true]);
    expect(first).toMatchObject({
      event: { a: 1 },
      id: 'request-1',
      trace: expect.stringContaining('Parent=0000000000000001'),
    });
    expect(first.left).toBeGreaterThan(8000);
  });

  it('has the template’s variables and Lambda’s, and of the caller’s only PATH', async () => {
    vi.stubEnv('MILLRACE_LEAK', 'leaked');
    const { invoke } = poolOf([aFunction('f')]);
    const { env } = answerOf(await invoke({ env: true }));
    vi.unstubAllEnvs();
    expect(env).toMatchObject({
      BUCKET: 'a-bucket',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_ENDPOINT_URL: endpoints.refusing,
      AWS_XRAY_DAEMON_ADDRESS: endpoints.xray,
      PATH: process.env.PATH,
    });
    expect(Object.keys(env)).not.toContain('MILLRACE_LEAK');
    expect(Object.keys(env)).not.toContain('HOME');
  });

  it('gives the error’s own name, and error, message and trace as the cause', async () => {
    const { invoke } = poolOf([aFunction('f')]);
    const outcome = await invoke({ throw: 'cut short' });
    expect(outcome).toMatchObject({ status: 'error', errorType: 'SourceTruncated' });
    expect(JSON.parse('cause' in outcome ? outcome.cause : '')).toMatchObject({
      errorType: 'SourceTruncated',
      errorMessage: 'cut short',
      trace: expect.arrayContaining([expect.stringContaining('cut short')]),
    });
  });

  it.each([
    [
      'is killed at its timeout',
      { hang: true },
      { timeoutSeconds: 1 },
      'Sandbox.Timedout',
      /timed out after 1\.00 seconds/,
    ],
    ['that exits', { exit: 3 }, {}, 'Runtime.ExitError', /exit status 3/],
    ['that fills its heap', { heap: true }, { memoryMb: 128 }, 'Runtime.OutOfMemory', /128 MB/],
    [
      'that leaves a rejection alone',
      { reject: true },
      {},
      'Runtime.UnhandledPromiseRejection',
      /left alone/,
    ],
    ['that answers too much', { large: 7_000_000 }, {}, 'Function.ResponseSizeTooLarge', /6291556/],
  ] as const)(
    '%s is an error by name, and the next invocation has a new environment',
    async (_what, event, rest, errorType, cause) => {
      const { invoke } = poolOf([aFunction('f', rest)]);
      expect(await invoke(event)).toMatchObject({
        status: 'error',
        errorType,
        cause: expect.stringMatching(cause),
      });
      expect(answerOf(await invoke({ a: 1 })).event).toEqual({ a: 1 });
    },
  );

  it.runIf(process.platform === 'linux')('that fills its buffers is out of memory too', async () => {
    const { invoke } = poolOf([aFunction('f', { memoryMb: 256 })]);
    expect(await invoke({ buffers: true })).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
  });

  it('is told of as much time as its own takes at the pace of the machine', async () => {
    const { invoke } = poolOf([aFunction('f')], {}, 2, paceOf(6));
    expect(answerOf(await invoke({})).left).toBeGreaterThan(50_000);
    const free = poolOf([aFunction('f')]);
    expect(answerOf(await free.invoke({})).left).toBeLessThanOrEqual(10_000);
  });

  it('whose import fails says why', async () => {
    const { invoke } = poolOf([
      aFunction('f', { codeFolder: join(folder, 'bad') }),
      aFunction('g', { handler: 'index.absent' }),
    ]);
    expect(await invoke({})).toMatchObject({
      errorType: 'InvalidInput',
      cause: expect.stringContaining('no BUCKET'),
    });
    expect(await invoke({}, 'g')).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });
});

describe('the pool', () => {
  it('runs at most so many environments, and lets the other calls wait', async () => {
    const { invoke } = poolOf([aFunction('f'), aFunction('g')], {}, 2);
    const names = ['f', 'g', 'f', 'g', 'f', 'g'];
    const answers = (await Promise.all(names.map((name) => invoke({ ms: 20 }, name)))).map(answerOf);
    const atOnce = answers.map(({ from }) =>
      answers.filter((other) => other.from <= from && from < other.to),
    );
    for (const running of atOnce) expect(running.length).toBeLessThanOrEqual(2);
    expect(answers).toHaveLength(6);
  });

  it('runs as many at once of one function as there may be, each in an environment of its own', async () => {
    const { invoke } = poolOf([aFunction('f')], {}, 8);
    const gate = join(folder, 'gate-8');
    const answers = await Promise.all(Array.from({ length: 8 }, () => invoke({ meet: 8, at: gate })));
    expect(new Set(answers.map((answer) => answerOf(answer).pid)).size).toBe(8);
  });

  it('keeps an environment of each function beside those that may be busy', async () => {
    const names = ['f', 'g', 'h', 'i'];
    const { invoke } = poolOf(
      names.map((name) => aFunction(name)),
      {},
      1,
    );
    for (const name of names) await invoke({}, name);
    for (const name of names) expect(answerOf(await invoke({}, name)).calls).toBe(2);
  });

  it('serves a function with none at work before the crowd of another', async () => {
    const { invoke } = poolOf([aFunction('f'), aFunction('g')], {}, 2);
    await invoke({}, 'g');
    const ended: string[] = [];
    const call = (name: string) => invoke({}, name).then(() => ended.push(name));
    await Promise.all([...Array.from({ length: 12 }, () => call('f')), call('g')]);
    expect(ended.indexOf('g')).toBeLessThan(6);
  });

  it('throttles over the reserved concurrency', async () => {
    const { invoke } = poolOf([aFunction('f', { reservedConcurrency: 1 })]);
    const [first, second] = await Promise.all([invoke({ ms: 20 }), invoke({})]);
    expect([first.status, second]).toMatchObject([
      'success',
      { errorType: 'Lambda.TooManyRequestsException' },
    ]);
  });

  it('throttles and kills when told to', async () => {
    const throttled = poolOf([aFunction('f')], { throttleInvokes: 1 });
    expect(await throttled.invoke({})).toMatchObject({ errorType: 'Lambda.TooManyRequestsException' });
    expect(throttled.struck).toEqual(['throttleInvokes']);
    const killed = poolOf([aFunction('f')], { killEnvironment: { afterMs: 300, share: 1 } });
    expect(await killed.invoke({ hang: true })).toMatchObject({
      errorType: 'Runtime.ExitError',
      cause: expect.stringContaining('SIGKILL'),
    });
    expect(killed.struck).toEqual(['killEnvironment']);
    const twice = poolOf([aFunction('f'), aFunction('g')], {
      killEnvironment: { afterMs: 300, share: 1, most: 1, function: 'f' },
    });
    expect(await twice.invoke({ hang: true })).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(await twice.invoke({ ms: 600 })).toMatchObject({ status: 'success' });
    expect(twice.struck).toEqual(['killEnvironment']);
  });

  it('refuses a function that the assembly has not', async () => {
    const { invoke } = poolOf([]);
    expect(await invoke({})).toMatchObject({ errorType: 'Lambda.ResourceNotFoundException' });
  });

  it('keeps what functions print, JSON or not, and a report of each invocation', async () => {
    const { pool, invoke, logs } = poolOf([aFunction('printing')]);
    await invoke({ print: '{"level":"INFO"}' }, 'printing');
    await invoke({ print: 'plain' }, 'printing');
    // What a function printed may come after its answer, and is all there when its process has ended.
    await pool.close();
    await logs.close();
    const text = await readFile(join(folder, 'logs', 'printing.ndjson'), 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(
      expect.arrayContaining([
        { level: 'INFO' },
        expect.objectContaining({ stream: 'stdout', message: 'plain' }),
        expect.objectContaining({ type: 'platform.report', requestId: 'request-1', status: 'success' }),
      ]),
    );
  });
});

describe('the functions’ logs', () => {
  it('have a limit: a full file takes the place of the one before, and no line is cut', async () => {
    const dir = join(folder, 'limited');
    const logs = openFunctionLogs(dir, 1000);
    for (let index = 0; index < 100; index++) logs.line('f', JSON.stringify({ index }), 'stdout');
    await logs.close();
    const read = async (name: string) => (await readFile(join(dir, name), 'utf8')).trim().split('\n');
    const lines = [...(await read('f.old.ndjson')), ...(await read('f.ndjson'))];
    const indexes = lines.map((line): number => JSON.parse(line).index);
    expect(indexes).toEqual(indexes.map((_, at) => 100 - indexes.length + at));
    expect(lines.join('\n').length).toBeLessThan(2100);
  });
});
