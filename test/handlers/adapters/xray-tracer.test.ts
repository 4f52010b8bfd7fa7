import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { toLambda, traced } from '../../../handlers/lambda.ts';

/** The X-Ray SDK reads its environment when it is loaded: so a daemon listens, and Lambda's variables stand, before that. */
const daemon = await vi.hoisted(async () => {
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4');
  const segments: unknown[] = [];
  socket.on('message', (datagram) => segments.push(JSON.parse(datagram.toString().split('\n')[1] ?? '')));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  process.env.AWS_XRAY_DAEMON_ADDRESS = `127.0.0.1:${socket.address().port}`;
  process.env.LAMBDA_TASK_ROOT = '/var/task';
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x';
  process.env._HANDLER = 'index.handler';
  process.env._X_AMZN_TRACE_ID = 'Root=1-674123ab-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1';
  return { socket, segments };
});
afterAll(() => {
  daemon.socket.close();
});

const subsegment = z.looseObject({
  id: z.string(),
  parent_id: z.string().optional(),
  name: z.string(),
  subsegments: z.array(z.unknown()).optional(),
  start_time: z.number(),
  end_time: z.number(),
  trace_id: z.string(),
  annotations: z.record(z.string(), z.unknown()).optional(),
  fault: z.boolean().optional(),
});

const received = async (count: number) => {
  while (daemon.segments.length < count) await once(daemon.socket, 'message');
  return daemon.segments.splice(0).map((segment) => subsegment.parse(segment));
};

const lambdaContext = {
  awsRequestId: 'r',
  functionName: 'f',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:1:function:f',
  memoryLimitInMB: '128',
  logGroupName: 'g',
  logStreamName: 's',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

const edge = () => ({ logger: new Logger(), powertools: new Tracer({ captureHTTPsRequests: false }) });

/** An S3 whose answers come of a list of statuses, and then are 200. */
const s3Answering = (...statuses: number[]): S3Client =>
  new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: {
      handle: async () => {
        const statusCode = statuses.shift() ?? 200;
        return { response: { statusCode, headers: { 'x-amz-request-id': 'r-1' }, body: Readable.from([]) } };
      },
    },
  });

describe('the X-Ray tracer', () => {
  it('sends subsegments with annotations and the parts that tile them, in the trace of its invocation', async () => {
    const handler = toLambda(
      z.object({ thread: z.object({ feed: z.string(), loadKey: z.string() }) }),
      async (_, { tracer }) => {
        await tracer.capture('step 0-0', { feed: 'items', slice: 3 }, async (span) => {
          span.annotate({ rows: 42 });
          span.tile([
            { name: 'read', ms: 1_500 },
            { name: 'parse', ms: 250 },
          ]);
        });
        return tracer.traceId();
      },
      edge(),
    );
    const input = { thread: { feed: 'items', loadKey: 'loads/items/2026/01/02/00001.json' } };
    expect(await handler(input, lambdaContext)).toBe('1-674123ab-0123456789abcdef01234567');

    const [step, whole] = await received(2);
    expect(step).toMatchObject({ name: 'step 0-0', annotations: { feed: 'items', slice: 3, rows: 42 } });
    const start = step?.start_time ?? 0;
    expect(step?.subsegments).toMatchObject([
      { name: 'read', start_time: start, end_time: start + 1.5 },
      { name: 'parse', start_time: start + 1.5, end_time: start + 1.75 },
    ]);
    expect(JSON.stringify(step?.subsegments)).not.toContain('in_progress');
    expect(whole?.name).toBe('## index.handler');
    expect(whole?.annotations).toMatchObject({ feed: 'items', load: 'loads/items/2026/01/02/00001.json' });
    expect(JSON.stringify(whole)).not.toContain('response');
  });

  it('marks the subsegment of work that fails, with what it did until then, and throws its error on', async () => {
    const failure = new Error('cut');
    vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    const handler = toLambda(
      z.object({}),
      (_, { tracer }) =>
        tracer.capture('step 0-1', {}, async (span) => {
          span.tile([{ name: 'read', ms: 20 }]);
          throw failure;
        }),
      edge(),
    );
    await expect(handler({}, lambdaContext)).rejects.toBe(failure);
    expect((await received(2))[0]).toMatchObject({
      name: 'step 0-1',
      fault: true,
      subsegments: [{ name: 'read' }],
    });
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('adds by what it found out which batch it was', async () => {
    const handler = toLambda(z.object({}), async () => ({ thread: { feed: 'f', batch: 'w-1' } }), edge());
    await handler({}, lambdaContext);
    expect((await received(1))[0]?.annotations).toMatchObject({ feed: 'f', batch: 'w-1' });
  });
});

describe('calls of AWS clients', () => {
  const call = (s3: S3Client, key: string) => s3.send(new GetObjectCommand({ Bucket: 'b', Key: key }));

  it('are subsegments of what runs, with their operation; a refused one is marked', async () => {
    const s3 = traced(s3Answering(200, 404, 503));
    const handler = toLambda(
      z.object({}),
      async (_, { tracer }) => {
        await tracer.capture('step 0-0', {}, () => call(s3, 'a'));
        for (const key of ['b', 'c']) await call(s3, key).catch(() => {});
      },
      edge(),
    );
    await handler({}, lambdaContext);
    const [inStep, step, missing, busy, whole] = await received(5);
    expect(inStep).toMatchObject({
      name: 'S3',
      namespace: 'aws',
      parent_id: step?.id,
      aws: { operation: 'GetObject', request_id: 'r-1', retries: 0 },
    });
    expect(missing).toMatchObject({ name: 'S3', parent_id: whole?.id, error: true });
    expect(busy).toMatchObject({ name: 'S3', throttle: true });
    expect(missing?.fault).toBeUndefined();
  });

  it('are one from the 41st on, and none stays open', async () => {
    const s3 = traced(s3Answering());
    const handler = toLambda(
      z.object({}),
      async () => {
        for (let i = 0; i < 45; i++) await call(s3, `${i}`);
      },
      edge(),
    );
    await handler({}, lambdaContext);
    const segments = await received(42);
    expect(segments.filter(({ name }) => name === 'S3')).toHaveLength(41);
    expect(segments.at(-2)).toMatchObject({ aws: { operation: '5 more calls' } });
    expect(segments.at(-1)?.name).toBe('## index.handler');
  });

  it('go on where nothing is traced', async () => {
    const s3 = traced(s3Answering(), { ...edge(), powertools: new Tracer({ enabled: false }) });
    await expect(call(s3, 'a')).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  });
});
