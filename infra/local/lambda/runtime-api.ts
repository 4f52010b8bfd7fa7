import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createLoopbackServer, listenOnLoopback } from '../loopback.ts';
import { timeAhead } from '../time-ahead.ts';

/** One invocation on its way to an environment. */
export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly traceHeader: string;
  readonly functionArn: string;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
}

export interface RuntimeApiEvents {
  /** The runtime asks for work: the handler is imported, and the invocation before is over. */
  onNext(): void;
  onResponse(requestId: string, body: string): void;
  /** `isFatal`: the runtime ends itself after this error. */
  onError(requestId: string, body: string, isFatal: boolean): void;
  onInitError(body: string): void;
}

export interface RuntimeApi {
  readonly address: string;
  /** Hands an invocation to the runtime that waits for one. */
  send(invocation: Invocation): void;
  close(): void;
}

/** Lambda has no such header: how far the cloud's time is ahead of the machine's, in milliseconds. */
export const AHEAD_HEADER = 'millrace-ahead-ms';

const BASE = '/2018-06-01/runtime';

/** Serves the Lambda Runtime API to one environment: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export const startRuntimeApi = async (events: RuntimeApiEvents): Promise<RuntimeApi> => {
  let waiting: ServerResponse | undefined;
  const server: Server = createLoopbackServer((request, response) => {
    const url = request.url ?? '';
    if (request.method === 'GET' && url === `${BASE}/invocation/next`) {
      waiting = response;
      events.onNext();
      return;
    }
    void readBody(request).then((body) => {
      response.writeHead(202).end();
      const [, id, kind] = new RegExp(`^${BASE}/invocation/([^/]+)/(response|error)$`).exec(url) ?? [];
      if (url === `${BASE}/init/error`) events.onInitError(body);
      else if (id !== undefined && kind === 'response') events.onResponse(id, body);
      else if (id !== undefined)
        events.onError(id, body, request.headers['lambda-runtime-function-error-type'] !== undefined);
    });
  });
  server.keepAliveTimeout = 0;
  const { address } = await listenOnLoopback(server);
  return {
    address,
    send: (invocation) => {
      waiting?.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.requestId,
        'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
        'lambda-runtime-invoked-function-arn': invocation.functionArn,
        'lambda-runtime-trace-id': invocation.traceHeader,
        [AHEAD_HEADER]: String(timeAhead()),
      });
      waiting?.end(invocation.payload);
      waiting = undefined;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};
