import { once } from 'node:events';
import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { toLambda } from '../../../handlers/lambda.ts';

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
  name: z.string(),
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

describe('the X-Ray tracer', () => {
  it('sends subsegments with annotations and counted times, in the trace of its invocation', async () => {
    const handler = toLambda(
      z.object({}),
      async (_, { tracer }) => {
        await tracer.capture('step 0-0', { feed: 'items', slice: 3 }, async () =>
          tracer.record('parse', 1_500, { rows: 42 }),
        );
        return tracer.traceId();
      },
      { logger: new Logger(), powertools: new Tracer({ captureHTTPsRequests: false }) },
    );
    expect(await handler({}, lambdaContext)).toBe('1-674123ab-0123456789abcdef01234567');

    const [parse, step, whole] = await received(3);
    expect(step).toMatchObject({ name: 'step 0-0', annotations: { feed: 'items', slice: 3 } });
    expect(parse).toMatchObject({ name: 'parse', annotations: { rows: 42 } });
    expect((parse?.end_time ?? 0) - (parse?.start_time ?? 0)).toBeCloseTo(1.5, 1);
    expect(whole?.name).toBe('## index.handler');
    expect(JSON.stringify(whole)).not.toContain('response');
  });

  it('marks the subsegment of work that fails, and throws its error on', async () => {
    const failure = new Error('cut');
    vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    const handler = toLambda(
      z.object({}),
      (_, { tracer }) => tracer.capture('step 0-1', {}, () => Promise.reject(failure)),
      { logger: new Logger(), powertools: new Tracer({ captureHTTPsRequests: false }) },
    );
    await expect(handler({}, lambdaContext)).rejects.toBe(failure);
    expect((await received(2))[0]).toMatchObject({ name: 'step 0-1', fault: true });
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
});
