import { createLoopbackServer, listenOnLoopback } from './loopback.ts';

export interface RefusingServer {
  readonly url: string;
  close(): void;
}

/** Where every AWS call ends that no local service takes: refused by name, and kept from leaving the machine. */
export const startRefusingServer = async (): Promise<RefusingServer> => {
  const server = createLoopbackServer((request, response) => {
    const called = request.headers['x-amz-target'] ?? `${request.method} ${request.url}`;
    const message = `the local cloud has no service for ${called} (${request.headers['user-agent'] ?? 'no agent'})`;
    request.resume();
    response.writeHead(501, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'UnknownOperationException', message }));
  });
  const { url } = await listenOnLoopback(server);
  return {
    url,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
