import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../../../infra/local/loopback.ts';

/** Answers XML to a request, or a status that refuses it. */
export type Answer = (request: {
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** Empty for a GET. */
  readonly body: string;
}) => string | number;

export interface DocumentServer {
  readonly origin: string;
  /** Path and query of every request but HEAD, decoded, oldest first. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Serves documents by their path: what somebody's own small server does. */
export const serveDocuments = async (
  documents: Readonly<Record<string, Answer>>,
): Promise<DocumentServer> => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if (request.method === 'HEAD') {
      response.writeHead(200).end();
      return;
    }
    asked.push(decodeURIComponent(`${url.pathname}${url.search}`));
    const body = await text(request);
    const answer = documents[url.pathname.slice(1)]?.({ url, headers: request.headers, body }) ?? 404;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(200, { 'content-type': 'text/xml' }).end(answer);
  });
  const { url: origin } = await listenOnLoopback(server);
  return {
    origin,
    asked,
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
};
