import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { timeAhead } from './time-ahead.ts';

/** Answers a request whose Host is not this machine, in the server's own protocol. `status` is 421. */
export type RefuseHost = (
  response: ServerResponse,
  refusal: { readonly status: number; readonly message: string },
  request: IncomingMessage,
) => void;

export interface LoopbackOptions extends ServerOptions {
  /** @default in a line of text */
  readonly refuseHost?: RefuseHost;
  /** Whether the handler says 100 Continue itself. @default Node says it to everyone, before the handler knows of the request */
  readonly isContinuing?: boolean;
  /** A key and its certificate, in PEM: then the server speaks https. @default - http */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

const MISDIRECTED = 421;
const OWN_HOST = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i;

/**
 * Makes an HTTP server for this machine alone; every server of the local cloud is made here. A page of a stranger whose name resolves to
 * 127.0.0.1 (DNS rebinding) gets no answer: its browser still sends the stranger's name as Host.
 */
export const createLoopbackServer = (
  handle: RequestListener,
  { refuseHost = refuseInText, isContinuing = false, tls, ...options }: LoopbackOptions = {},
): Server => {
  const guarded: RequestListener = (request, response) => {
    // Node's own header is the machine's, and clients set their clock by it.
    if (timeAhead() !== 0) response.setHeader('date', new Date().toUTCString());
    const { host } = request.headers;
    if (host !== undefined && OWN_HOST.test(host)) return handle(request, response);
    request.resume();
    const message = `the local cloud answers to 127.0.0.1 and localhost only, and not to host ${host ?? '(none)'}`;
    refuseHost(response, { status: MISDIRECTED, message }, request);
  };
  const server =
    tls === undefined ? createServer(options, guarded) : createTlsServer({ ...options, ...tls }, guarded);
  return isContinuing ? server.on('checkContinue', guarded) : server;
};

const refuseInText: RefuseHost = (response, { status, message }) => {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(`${message}\n`);
};

/** Listens on a port of 127.0.0.1, by default a free one, and nowhere else. Rejects where the port is taken. */
export const listenOnLoopback = async (
  server: Server,
  port = 0,
): Promise<{ readonly url: string; readonly address: string }> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : undefined}`;
  return { url: `${server instanceof TlsServer ? 'https' : 'http'}://${address}`, address };
};
