import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Caller } from './iam/access.ts';
import { type Authenticate, everyoneMay } from './iam/authenticate.ts';
import { type Doubt, NotAuthentic } from './iam/not-authentic.ts';
import type { ConditionContext } from './iam/policy.ts';
import { sha256Hex } from './iam/signing-key.ts';
import { createLoopbackServer, listenOnLoopback } from './loopback.ts';
import { splitTarget } from './split-target.ts';

/** An error that the service answers by its name (docs.aws.amazon.com: AWS JSON 1.1). */
export class ServiceError extends Error {
  override readonly name: string;
  readonly statusCode: number;
  /** Further members of the error, such as ResourceId. */
  readonly members: Readonly<Record<string, string>>;

  constructor(
    name: string,
    message: string,
    members: Readonly<Record<string, string>> = {},
    statusCode = 400,
  ) {
    super(message);
    this.name = name;
    this.members = members;
    this.statusCode = statusCode;
  }
}

/** One call of the service: its parsed body to its answer. Throws ServiceError. */
export type Operation = (input: unknown, caller: Caller) => Promise<unknown>;

/** Throws AccessDeniedException, naming caller, action and resource, unless the caller may do this. */
export const demand = (
  caller: Caller,
  action: string,
  resource: string,
  context?: ConditionContext,
): void => {
  const refusal = caller.refusalOf(action, resource, context);
  if (refusal !== undefined) throw new ServiceError('AccessDeniedException', refusal);
};

export interface LocalServer {
  /** Loopback, on a free port. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 2 ** 20;

/**
 * Serves a service of the AWS JSON 1.1 protocol. A call that is not in `operations` is refused by its name, and so is one
 * whose signature shows nobody.
 */
export const serveAwsJson = async (
  service: string,
  operations: Readonly<Record<string, Operation>>,
  authenticate: Authenticate = everyoneMay,
): Promise<LocalServer> => {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(service, operations, request, authenticate).then(
      (output) => send(response, 200, output),
      (cause: unknown) => sendError(response, cause),
    );
  };
  const server = createLoopbackServer(handle, {
    refuseHost: (response, { status, message }) =>
      sendError(response, new ServiceError('MisdirectedRequestException', message, {}, status)),
  });
  const { url } = await listenOnLoopback(server);
  return { url, close: () => close(server) };
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const answer = async (
  service: string,
  operations: Readonly<Record<string, Operation>>,
  request: IncomingMessage,
  authenticate: Authenticate,
): Promise<unknown> => {
  const target = String(request.headers['x-amz-target'] ?? '');
  const name = target.slice(target.indexOf('.') + 1);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  const body = await readBody(request);
  if (operation === undefined) {
    throw new ServiceError(
      'UnknownOperationException',
      `the local ${service} does not know ${target || request.url}`,
    );
  }
  const caller = identify(request, body, authenticate);
  return operation(parseBody(body.toString()), caller);
};

/** As AWS names them: docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html */
const DOUBTS: Readonly<Record<Doubt, readonly [name: string, statusCode: number]>> = {
  unsigned: ['MissingAuthenticationTokenException', 403],
  otherMechanism: ['IncompleteSignatureException', 400],
  malformed: ['IncompleteSignatureException', 400],
  wrongScope: ['InvalidSignatureException', 400],
  unknownKey: ['UnrecognizedClientException', 400],
  wrongToken: ['UnrecognizedClientException', 400],
  unsignedHeaders: ['InvalidSignatureException', 400],
  wrongSignature: ['InvalidSignatureException', 400],
  skewed: ['InvalidSignatureException', 400],
  outOfTime: ['InvalidSignatureException', 400],
};

const identify = (request: IncomingMessage, body: Buffer, authenticate: Authenticate): Caller => {
  try {
    return authenticate({ request, ...splitTarget(request.url), payloadHash: sha256Hex(body) }).caller;
  } catch (cause) {
    if (!(cause instanceof NotAuthentic)) throw cause;
    const [name, statusCode] = DOUBTS[cause.doubt];
    throw new ServiceError(name, cause.message, {}, statusCode);
  }
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new ServiceError('RequestEntityTooLargeException', `over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new ServiceError('SerializationException', 'the request body is not JSON');
  }
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(body));
};

const sendError = (response: ServerResponse, cause: unknown): void => {
  const error =
    cause instanceof ServiceError
      ? cause
      : new ServiceError(
          'InternalServerException',
          cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
          {},
          500,
        );
  send(response, error.statusCode, {
    __type: error.name,
    message: error.message,
    Message: error.message,
    ...error.members,
  });
};
