import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLoopbackServer, listenOnLoopback } from '../../../infra/local/loopback.ts';

/** Answers XML to a request, also with a tag that is not sent twice, or a status that refuses it. */
export type Answer = (request: {
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** Empty for a GET. */
  readonly body: string;
}) => Reply | Promise<Reply>;

type Reply = string | number | { readonly etag: string; readonly text: string };

export interface DocumentServer {
  readonly origin: string;
  /** Path and query of every request but HEAD, decoded, oldest first. */
  readonly asked: string[];
  /** Requests that are not answered yet. */
  waiting(): number;
  close(): Promise<void>;
}

/** Serves documents by their path: what somebody's own small server does. */
export const serveDocuments = async (
  documents: Readonly<Record<string, Answer>>,
): Promise<DocumentServer> => {
  const asked: string[] = [];
  let waiting = 0;
  const server = createLoopbackServer(async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if (request.method === 'HEAD') {
      response.writeHead(200).end();
      return;
    }
    asked.push(decodeURIComponent(`${url.pathname}${url.search}`));
    const body = await text(request);
    waiting += 1;
    const answer = (await documents[url.pathname.slice(1)]?.({ url, headers: request.headers, body })) ?? 404;
    waiting -= 1;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else if (typeof answer === 'string') response.writeHead(200, { 'content-type': 'text/xml' }).end(answer);
    else if (request.headers['if-none-match'] === answer.etag) response.writeHead(304).end();
    else response.writeHead(200, { etag: answer.etag }).end(answer.text);
  });
  const { url: origin } = await listenOnLoopback(server);
  return {
    origin,
    asked,
    waiting: () => waiting,
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
};
