import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface LoopbackSource {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly host: string;
  /** Method and path with query of each request, in order. */
  readonly requests: string[];
}

/** A real HTTP server on loopback for the length of a test. */
export const loopbackSource = async (
  answer: (request: IncomingMessage, response: ServerResponse, n: number) => void,
): Promise<LoopbackSource> => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('server listens on no port');
  const host = `127.0.0.1:${address.port}`;
  return { origin: `http://${host}`, host, requests };
};
