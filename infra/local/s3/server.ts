import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { realClock } from '../clock.ts';
import { type Authenticate, everyoneMay } from '../iam/authenticate.ts';
import type { FromChild } from '../ipc.ts';
import { createLoopbackServer, listenOnLoopback } from '../loopback.ts';
import { splitTarget } from '../split-target.ts';
import { parseAddress } from './address.ts';
import { type BucketConfig, type Call, type Context, NO_BUCKET, type Reply } from './call.ts';
import { isConditionalWrite } from './conditions.ts';
import { openFaults, type S3Faults } from './faults.ts';
import { identify } from './identify.ts';
import { startLifecycle } from './lifecycle.ts';
import type { Operation } from './operations.ts';
import { authorize, hideAbsence } from './rights.ts';
import { S3Error } from './s3-error.ts';
import { openStore } from './store.ts';
import { toErrorXml } from './xml.ts';

export interface S3Options {
  /** Folder of the store; one process has it at a time. */
  readonly dir: string;
  readonly buckets: readonly BucketConfig[];
  readonly account: string;
  readonly region: string;
  /** Port on 127.0.0.1. @default 0, any free one */
  readonly port?: number;
  /** Epoch milliseconds. @default the system's clock */
  readonly now?: () => number;
  /** @default everyone may do everything */
  readonly authenticate?: Authenticate;
  /** Takes each event, at least once, until it is acknowledged. */
  readonly onEvent: (message: FromChild & { type: 'event' }) => void;
  /** Told of each fault that strikes, as faults.ts names it. @default nobody is */
  readonly onStruck?: (fault: string) => void;
}

export interface S3Server {
  readonly url: string;
  readonly faults: S3Faults;
  acknowledge(eventId: number): void;
  /** Events journaled and not acknowledged. */
  unacknowledged(): number;
  /** Requests not yet answered to the end. */
  underWay(): number;
  close(): Promise<void>;
}

/** Connections idle for less are kept: the SDK keeps its own, and a put on a closing one fails. */
const KEEP_ALIVE_MS = 300_000;

/**
 * Starts S3 on loopback, for the operations in operations.ts. What it answered with 2xx survives a kill of the process;
 * whatever a kill cut short is gone at the next start, and events that nobody acknowledged are sent again.
 */
export const startS3 = async (options: S3Options): Promise<S3Server> => {
  const store = openStore(options.dir, (message) => {
    if (message.type === 'event') options.onEvent(message);
  });
  const context: Context = {
    store,
    buckets: options.buckets,
    account: options.account,
    region: options.region,
    now: options.now ?? realClock.now,
  };
  const faults = openFaults((fault) => options.onStruck?.(fault));
  const underWay = new Set<Promise<void>>();
  const setting: Setting = {
    context,
    faults,
    authenticate: options.authenticate ?? everyoneMay,
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const answered = answer(request, response, setting).finally(() => underWay.delete(answered));
    underWay.add(answered);
  };
  const server = createLoopbackServer(handle, {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    isContinuing: true, // a put's condition may not hold
    refuseHost: (response, { message }, request) => {
      const hint = 'buckets are named in the path, so clients need path style';
      refuse(request, response, {}, new S3Error('MisdirectedRequest', `${message}; ${hint}`));
    },
  });
  const { url } = await listenOnLoopback(server, options.port);
  store.outbox.deliver();
  const endLifecycle = startLifecycle(context, options.buckets);
  return {
    url,
    faults,
    acknowledge: (id) => store.outbox.acknowledge(id),
    unacknowledged: () => store.outbox.unacknowledged(),
    underWay: () => underWay.size,
    close: async () => {
      endLifecycle();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await Promise.all(underWay);
      store.close();
    },
  };
};

interface Setting {
  readonly context: Context;
  readonly faults: S3Faults;
  readonly authenticate: Authenticate;
}

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  setting: Setting,
): Promise<void> => {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const common = { server: 'AmazonS3', 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
  let body: Readable | undefined;
  try {
    const { reply, cut } = await perform(request, response, requestId, setting);
    if (reply.body instanceof Readable) body = reply.body;
    if (cut === 'before') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, defined({ ...common, ...contentOf(reply), ...reply.headers }));
    if (body === undefined) response.end(reply.body);
    else
      await send(
        body,
        response,
        cut === 'middle' ? Number(reply.headers?.['content-length']) / 2 : undefined,
      );
  } catch (cause) {
    refuse(request, response, common, cause);
  } finally {
    if (body !== undefined) await release(body);
  }
};

/** Lets a body's files go; resolves when they are. */
const release = async (body: Readable): Promise<void> => {
  body.on('error', () => {}); // it was reported to whoever read the body
  body.destroy();
  if (!body.closed) await new Promise<void>((resolve) => body.once('close', () => resolve()));
};

const contentOf = ({ body }: Reply): Record<string, string | number> => {
  if (typeof body !== 'string') return {};
  return { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) };
};

const defined = (
  headers: Readonly<Record<string, string | number | undefined>>,
): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

interface Performed {
  readonly reply: Reply;
  /** Where a fault cuts the connection. */
  readonly cut: 'before' | 'middle' | undefined;
}

const perform = async (
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  { context, faults, authenticate }: Setting,
): Promise<Performed> => {
  const { path, query } = splitTarget(request.url);
  const identified = identify(request, path, query, authenticate);
  const { operation, bucket, key } = parseAddress(request, path, query);
  const { caller } = identified;
  const call: Call = {
    ...context,
    ...identified,
    bucket: operation.on === 'account' ? NO_BUCKET : findBucket(context, bucket),
    key,
    query,
    requestId,
    headers: request.headers,
    sourceAddress: request.socket.remoteAddress ?? '',
    body: () => {
      // A body refused half-way is read over by Node, so that its sender sees the reply and not a cut connection.
      if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
      return request.iterator({ destroyOnReturn: false });
    },
  };
  authorize(caller, operation.name, call);
  const target = key === '' ? (query.get('prefix') ?? '') : key;
  strikeBefore(call, operation, target, faults);
  const reply = await operation.run(call).catch((cause: unknown) => {
    throw hideAbsence(caller, call, cause);
  });
  if (operation.isWrite === true) {
    if (faults.strikes('errorAfterCommit', target))
      throw new S3Error('InternalError', 'an error after the commit');
    if (faults.strikes('loseReply', target)) return { reply, cut: 'before' };
  }
  const isCut = operation.name === 'GetObject' && faults.strikes('truncateGet', target);
  return { reply, cut: isCut ? 'middle' : undefined };
};

const findBucket = ({ buckets }: Context, name: string): BucketConfig => {
  const bucket = buckets.find((one) => one.name === name);
  if (bucket !== undefined) return bucket;
  throw new S3Error('NoSuchBucket', `the specified bucket does not exist: ${name}`);
};

const strikeBefore = (call: Call, operation: Operation, target: string, faults: S3Faults): void => {
  if (faults.strikes('slowDown', target)) throw new S3Error('SlowDown', 'please reduce your request rate');
  if (operation.isWrite !== true || !isConditionalWrite(call) || !faults.strikes('conflict', target)) return;
  throw new S3Error('ConditionalRequestConflict', 'a conflicting conditional operation is under way');
};

const send = async (body: Readable, response: ServerResponse, cutAt: number | undefined): Promise<void> => {
  if (cutAt === undefined) return pipeline(body, response);
  let sent = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk).subarray(0, Math.max(cutAt - sent, 0));
    sent += bytes.length;
    await new Promise((resolve) => response.write(bytes, resolve));
    if (sent >= cutAt) break;
  }
  response.destroy();
};

/** Answers an error. Once a reply has begun, or its reader is gone, all that is left is to cut the connection. */
const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  common: Readonly<Record<string, string>>,
  cause: unknown,
): void => {
  if (response.headersSent || request.socket.destroyed) {
    request.socket.destroy();
    return;
  }
  const error = cause instanceof S3Error ? cause : new S3Error('InternalError', String(cause));
  const body = toErrorXml([
    ['Code', error.code],
    ['Message', error.message],
    ['Resource', request.url],
    ['RequestId', common['x-amz-request-id']],
  ]);
  response.writeHead(error.status, {
    ...common,
    ...error.headers,
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};
