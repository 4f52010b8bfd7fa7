import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Caller, everyoneMay, type FindCaller } from './iam/access.ts';
import { readAccessKeyId } from './iam/access-key.ts';
import { listenOnLoopback } from './loopback.ts';

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
export const demand = (caller: Caller, action: string, resource: string): void => {
  const refusal = caller.refusalOf(action, resource);
  if (refusal !== undefined) throw new ServiceError('AccessDeniedException', refusal);
};

export interface LocalServer {
  /** Loopback, on a free port. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 2 ** 20;

/**
 * Serves a service of the AWS JSON 1.1 protocol. A call that is not in `operations` is refused by its name, and so is an
 * access key that nobody has.
 */
export const serveAwsJson = async (
  service: string,
  operations: Readonly<Record<string, Operation>>,
  findCaller: FindCaller = everyoneMay,
): Promise<LocalServer> => {
  const server = createServer((request, response) => {
    answer(service, operations, request, findCaller).then(
      (output) => send(response, 200, output),
      (cause: unknown) => sendError(response, cause),
    );
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
  findCaller: FindCaller,
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
  return operation(parseBody(body), identify(request, findCaller));
};

/** Both errors as AWS names them: docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html */
const identify = (request: IncomingMessage, findCaller: FindCaller): Caller => {
  const accessKeyId = readAccessKeyId(request);
  const caller = findCaller(accessKeyId);
  if (caller !== undefined) return caller;
  if (accessKeyId === undefined) {
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', {}, 403);
  }
  throw new ServiceError(
    'UnrecognizedClientException',
    `The security token included in the request is invalid: ${accessKeyId}`,
  );
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new ServiceError('RequestEntityTooLargeException', `over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
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
