import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, vi } from 'vitest';

/** What a client of the SDK asked of the fake. */
export interface AwsRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of services that answer JSON: the last part of x-amz-target. */
  readonly operation: string;
  readonly body: string;
}

export interface AwsAnswer {
  readonly status: number;
  readonly body: string;
}

const toRequest = async (request: IncomingMessage): Promise<AwsRequest> => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    operation: String(request.headers['x-amz-target']).split('.').at(-1) ?? '',
    body: Buffer.concat(chunks).toString(),
  };
};

/** One service of AWS for the tests of a file, named as the SDK's AWS_ENDPOINT_URL_<service>: each test's clients find it with keys of nobody. */
export const serveAws = (service: string, answer: (request: AwsRequest) => AwsAnswer): void => {
  const server = createServer(async (request, response) => {
    const { status, body } = answer(await toRequest(request));
    response.writeHead(status).end(body);
  });
  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
};
