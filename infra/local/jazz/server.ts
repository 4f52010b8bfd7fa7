import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createLoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type Fault, type FaultBoard, type FaultRule, makeFaultBoard } from './faults.ts';
import { IllegalFields, modifiedAfter, parseFields } from './fields.ts';
import type { Login, User } from './logins/login.ts';
import { LOGINS, type LoginKind } from './logins/registry.ts';
import { writePage } from './page.ts';
import { openRepository, type Repository, type RepositoryOptions } from './repository.ts';
import { type KeptSet, makeResultSets, openResultSet, type ResultSets } from './result-sets.ts';
import { IllegalDate } from './selection.ts';
import { type Content, RESOURCES } from './shape.ts';

export interface JazzOptions extends RepositoryOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Largest page that a request can get. Default 1000. */
  readonly pageSizeMax?: number;
  /** A login is asked for when given. */
  readonly login?: User & {
    readonly kind: LoginKind;
    /** Requests that one session is good for. Default any number. */
    readonly requestsPerSession?: number;
  };
  /** A key and its certificate, in PEM: then the server speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Whether bodies are compressed for clients that say they take gzip. Default true. */
  readonly isCompressed?: boolean;
}

/** The sample Jazz server: the part of Reportable REST that Millrace reads, deterministic from its seed. */
export interface Jazz {
  /** `http://127.0.0.1:<port>`, or https with `tls`. */
  readonly url: string;
  /** The simulated time, epoch milliseconds; also in each response's Date header. */
  now(): number;
  advance(ms: number): void;
  /** Changes n work items (some have fewer comments then) and advances the clock past them. Answers their numbers. */
  change(n: number): readonly number[];
  /** What the server holds of a work item now; `workItems` goes through all. */
  workItem(index: number): Content;
  workItems(): Generator<Content>;
  /** Those that were deleted: what is left of each. */
  deletedWorkItems(): readonly Content[];
  fault(rule: FaultRule): void;
  clearFaults(): void;
  /** Forgets all result sets: their next links answer 400 then. */
  expireTokens(): void;
  /** Ends all sessions: the next request of each has to log in again. */
  expireSessions(): void;
  /** Method and URL of each request, in order of arrival; the last 1,000. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

interface Context {
  readonly repository: Repository;
  readonly faults: FaultBoard;
  readonly options: JazzOptions;
  readonly sets: ResultSets;
  readonly requests: string[];
  readonly login: Login | undefined;
}

const REQUESTS_KEPT = 1000;

/** Starts the server on loopback. Rejects where the port is taken. */
export const startJazz = async (options: JazzOptions): Promise<Jazz> => {
  const repository = openRepository(options);
  const context: Context = {
    repository,
    faults: makeFaultBoard(),
    options,
    sets: makeResultSets(),
    requests: [],
    login: options.login && LOGINS[options.login.kind]({ ...options.login, user: options.login }),
  };
  const server = createLoopbackServer(
    (request, response) => {
      answer(context, request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    },
    { tls: options.tls },
  );
  const { url } = await listenOnLoopback(server, options.port);
  return {
    url,
    now: repository.now,
    advance: repository.advance,
    change: repository.change,
    workItem: (index) => repository.read('workItem', index),
    *workItems() {
      for (let n = 0; n < options.items; n += 1) yield repository.read('workItem', n);
    },
    deletedWorkItems: () =>
      Array.from({ length: repository.count('deletedWorkItem') }, (_, n) =>
        repository.read('deletedWorkItem', n),
      ),
    fault: context.faults.add,
    clearFaults: context.faults.clear,
    expireTokens: () => context.sets.clear(),
    expireSessions: () => context.login?.expire(),
    requests: context.requests,
    close: () => close(server),
  };
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const answer = async (
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { repository, requests, options, login } = context;
  response.setHeader('Date', new Date(repository.now()).toUTCString());
  requests.push(`${request.method} ${request.url}`);
  if (requests.length > REQUESTS_KEPT) requests.shift();
  const scheme = options.tls === undefined ? 'http' : 'https';
  const url = new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? '127.0.0.1'}`);
  if (await login?.answer(request, url, response)) return;
  const resource = /^\/ccm\/rpt\/repository\/(\w+)$/.exec(url.pathname)?.[1] ?? '';
  const elements = RESOURCES[resource];
  if (elements === undefined) return refuse(response, 404, `no such resource: ${url.pathname}`);
  if (request.method !== 'GET') return refuse(response, 405, `${request.method} is not allowed; GET is`);
  try {
    await answerPage(context, { url, resource, elements }, request, response);
  } catch (error) {
    if (error instanceof IllegalFields)
      return refuse(response, 500, `CRRED0108E: Illegal fields argument. ${error.message}`);
    if (error instanceof IllegalDate) return refuse(response, 500, `CRRED0106E: ${error.message}`);
    throw error;
  }
};

const refuse = (response: ServerResponse, status: number, message: string, type = 'text/plain'): void => {
  response.writeHead(status, { 'Content-Type': `${type};charset=UTF-8` });
  response.end(message);
};

interface Query {
  readonly url: URL;
  readonly resource: string;
  readonly elements: (typeof RESOURCES)[string];
}

const SIZE_DEFAULT = 100;
const SIZE_MAX = 1000;

const answerPage = async (
  context: Context,
  query: Query,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { url } = query;
  const pos = toCount(url.searchParams.get('pos'), 0);
  const wanted = toCount(url.searchParams.get('size'), SIZE_DEFAULT);
  if (pos === undefined || wanted === undefined || wanted === 0) {
    return refuse(response, 400, `size and pos are whole numbers, got ${url.search}`);
  }
  const unserved = findUnserved(url.searchParams);
  if (unserved !== undefined) return refuse(response, 400, `${unserved} is not served here`);
  const size = Math.min(wanted, context.options.pageSizeMax ?? SIZE_MAX);
  const fault = context.faults.take(Math.floor(pos / size) + 1);
  if (fault?.kind === 'login') context.login?.expire();
  if (fault !== undefined && refuseByFault(response, fault)) return;
  const found = findResultSet(context, query);
  if (found === undefined)
    return refuse(response, 400, `the result set ${url.searchParams.get('id')} is no longer there`);
  const isGzip =
    context.options.isCompressed !== false && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const { repository } = context;
  await writePage(response, { repository, url, ...found, pos, size, fault, isGzip });
};

const SERVED: ReadonlySet<string> = new Set(['fields', 'size', 'pos', 'id', 'modifiedsince']);

/** The first parameter that is none of those served: an answer as if it were not there would be another's. */
const findUnserved = (params: URLSearchParams): string | undefined => {
  for (const [name, value] of params) {
    // No project area of the sample is archived, so that an answer without archived ones is the whole answer.
    if (name === 'projectAreaArchived' && value === 'false') continue;
    if (!SERVED.has(name)) return name === 'projectAreaArchived' ? `${name}=${value}` : name;
  }
  return undefined;
};

const toCount = (text: string | null, fallback: number): number | undefined => {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
};

const LOGIN =
  '<html><head><title>Log in</title></head><body><form action="j_security_check">&nbsp;</form></body></html>';

/** Answers in place of the page; false where the fault is one of the body. */
const refuseByFault = (response: ServerResponse, fault: Fault): boolean => {
  if (fault.kind === 'notFound') refuse(response, 404, 'not found');
  else if (fault.kind === 'busy') {
    response.setHeader('Retry-After', String(fault.retryAfterSeconds));
    refuse(response, 503, 'too busy');
  } else if (fault.kind === 'login') {
    response.setHeader('X-com-ibm-team-repository-web-auth-msg', 'authrequired');
    refuse(response, 200, LOGIN, 'text/html');
  } else if (fault.kind === 'illegalField')
    throw new IllegalFields('workitem/workItem/bogus is not a valid field name.');
  else return false;
  return true;
};

/** The set of the request's token, or a new one for a request without; undefined where the token has expired. */
const findResultSet = (context: Context, { url, resource, elements }: Query): KeptSet | undefined => {
  const token = url.searchParams.get('id');
  if (token !== null) return context.sets.find(token);
  const since = url.searchParams.get('modifiedsince');
  const branches = parseFields(url.searchParams.get('fields') ?? '').map((branch) =>
    since === null ? branch : modifiedAfter(branch, since),
  );
  return context.sets.keep(openResultSet(context.repository, resource, elements, branches));
};
