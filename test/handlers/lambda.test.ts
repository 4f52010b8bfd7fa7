import { inspect } from 'node:util';
import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { correlationKeys, toAnnotations } from '../../handlers/correlation-keys.ts';
import { type Invocation, toLambda } from '../../handlers/lambda.ts';
import { InvalidInput, OutOfTime, SourceRefused } from '../../shared/errors.ts';

const context = (remainingMs = 60_000): Context => ({
  awsRequestId: 'request-1',
  functionName: 'f',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:1:function:f',
  memoryLimitInMB: '128',
  logGroupName: 'g',
  logStreamName: 's',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => remainingMs,
  done: () => {},
  fail: () => {},
  succeed: () => {},
});

const thread = z.strictObject({ thread: z.strictObject({ feed: z.string(), batch: z.string() }) });
const event = { thread: { feed: 'items', batch: 'w-1' } };

describe('the stack of every Lambda', () => {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  beforeEach(() => {
    lines.length = 0;
    vi.stubEnv('POWERTOOLS_DEV', 'true'); // Powertools then writes to the console that a test can see
    vi.spyOn(console, 'error').mockImplementation(line);
    vi.spyOn(console, 'info').mockImplementation(line);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });
  const lambda = <O>(work: (input: z.infer<typeof thread>, invocation: Invocation) => Promise<O>) =>
    toLambda(thread, work, { logger: new Logger(), powertools: new Tracer({ enabled: false }) });

  it('gives the parsed input and the request id as invocation, and returns what the work returns', async () => {
    const handler = lambda(async (input, { invocation }) => `${input.thread.feed} ${invocation}`);
    expect(await handler(event, context())).toBe('items request-1');
    expect(lines).toEqual([]);
  });

  it('refuses an input that its schema does not know, naming the field, before any work', async () => {
    const handler = lambda(async () => expect.unreachable());
    const outcome = handler({ thread: { feed: 7, batch: 'w-1' } }, context());
    await expect(outcome).rejects.toThrow(InvalidInput);
    await expect(outcome).rejects.toThrow(/thread\.feed: .*expected string/);
  });

  it('throws the error of the work on as it is, so that its name stays, and logs it once with its keys', async () => {
    const error = new SourceRefused('404 from https://jazz.example/');
    const handler = lambda(async () => Promise.reject(error));
    await expect(handler(event, context())).rejects.toBe(error);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'ERROR',
      message: '404 from https://jazz.example/',
      feed: 'items',
      batch: 'w-1',
      error: { name: 'SourceRefused' },
    });
  });

  it('hides what its redactor has learnt in errors, with their causes, and in log lines, also of later invocations', async () => {
    const work = async ({ thread: { batch } }: z.infer<typeof thread>, { redactor, log }: Invocation) => {
      if (batch === 'w-1') redactor.learn('shop', { token: 'hunter2hunter2' });
      log.info('got hunter2hunter2', { place: 'https://x/hunter2hunter2', rows: 2 });
      const cause = new AggregateError([new Error('hunter2hunter2')], 'caused by hunter2hunter2');
      throw Object.assign(new SourceRefused('403: hunter2hunter2', { cause }), {
        page: { text: 'hunter2hunter2' },
      });
    };
    const handler = lambda(work);
    for (const batch of ['w-1', 'w-2']) {
      const error: unknown = await handler({ thread: { feed: 'items', batch } }, context()).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(SourceRefused);
      expect(error).toMatchObject({ name: 'SourceRefused', message: '403: ***', page: { text: '***' } });
      expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    }
    expect(lines).toHaveLength(4);
    expect(lines.join()).not.toContain('hunter2');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'got ***', place: 'https://x/***', rows: 2 });
  });

  it("does not carry one invocation's keys into the next", async () => {
    const handler = lambda(async (_, { log }) => log.info('done'));
    await handler(event, context());
    await handler({ thread: { feed: 'other', batch: 'w-2' } }, context());
    expect(lines.map((text) => JSON.parse(text).batch)).toEqual(['w-1', 'w-2']);
  });

  it('signals five seconds before the time is up, and lets the work clean up and answer', async () => {
    vi.useFakeTimers();
    const handler = lambda(
      (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(signal.reason));
        }),
    );
    const outcome = handler(event, context(20_000));
    await vi.advanceTimersByTimeAsync(14_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBeInstanceOf(OutOfTime);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('correlation keys', () => {
  it.each([
    [{ trigger: { feed: 'a', scheduledTime: 't' } }, { feed: 'a' }],
    [
      { trigger: { detail: { feed: 'a', generation: 3, correlation: 'c' } } },
      { feed: 'a', generation: 3, correlation: 'c' },
    ],
    [
      { thread: { feed: 'a', batch: 'b' }, slice: 2 },
      { feed: 'a', batch: 'b', slice: 2 },
    ],
    [{ thread: { feed: 'a', loadKey: 'loads/a' } }, { feed: 'a', loadKey: 'loads/a' }],
    [
      {
        trigger: {
          source: 'aws.s3',
          detail: {
            bucket: { name: 'b' },
            object: { key: 'batches/items/2026/01/02/w-20260102T000000000Z.json' },
          },
        },
      },
      { feed: 'items', batch: 'w-20260102T000000000Z' },
    ],
    [
      { trigger: { detail: { statementId: 's', statementName: 'millrace/items/2026/01/02/00003/1' } } },
      {
        feed: 'items',
        loadKey: 'loads/items/2026/01/02/00003.json',
        correlation: 'loads/items/2026/01/02/00003',
        statementName: 'millrace/items/2026/01/02/00003/1',
      },
    ],
    ['not an object', {}],
    [null, {}],
  ])('of %j are %j', (input, keys) => {
    expect(correlationKeys(input)).toEqual(keys);
  });

  it('become annotations by the names of the runbook, those that are there', () => {
    expect(toAnnotations({ feed: 'a', loadKey: 'loads/a', correlation: 'c', generation: 3 })).toEqual({
      feed: 'a',
      load: 'loads/a',
      correlation: 'c',
    });
  });
});
