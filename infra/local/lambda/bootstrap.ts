import '../ignore-interrupts.ts';
import { existsSync } from 'node:fs';
import type http from 'node:http';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runAhead } from '../time-ahead.ts';

/**
 * The runtime of one function environment: imports the handler and serves it over the Lambda Runtime API
 * (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). It shares nothing with the rest, as in Lambda.
 */

// Not imported, as in Lambda's own runtime: an import of it loads fetch, WebSocket and all that goes with them, twice the time of a whole start.
// Taken before the handler is imported: its tracer patches http.request, and would trace our long poll.
const { request, Agent } = process.getBuiltinModule('node:http');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const realEnvironment = process.env;

/** Node keeps what it compiles, for the next environments: not by its own variable, with which it makes a folder that others can read. */
const keepCompiled = (folder: string | undefined): void => {
  delete realEnvironment.MILLRACE_COMPILED; // Lambda has no such variable
  if (folder === undefined) return;
  const umask = process.umask(0o077);
  enableCompileCache(folder);
  process.umask(umask);
};
keepCompiled(realEnvironment.MILLRACE_COMPILED);

interface Answer {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const call = (
  method: string,
  path: string,
  body?: string,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${api}${path}`, { method, agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const describe = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) {
    return JSON.stringify({ errorType: typeof thrown, errorMessage: String(thrown), trace: [] });
  }
  return JSON.stringify({
    errorType: thrown.name,
    errorMessage: thrown.message,
    trace: thrown.stack?.split('\n') ?? [],
  });
};

class HandlerNotFound extends Error {
  override readonly name = 'Runtime.HandlerNotFound';
}
class ImportModuleError extends Error {
  override readonly name = 'Runtime.ImportModuleError';
}

type Handler = (event: unknown, context: object) => Promise<unknown>;
const isHandler = (value: unknown): value is Handler => typeof value === 'function';

const loadHandler = async (): Promise<Handler> => {
  const [module = '', name = ''] = (realEnvironment._HANDLER ?? '').split('.');
  const base = join(realEnvironment.LAMBDA_TASK_ROOT ?? '', module);
  const file = ['.mjs', '.cjs'].map((extension) => base + extension).find(existsSync);
  if (file === undefined) throw new ImportModuleError(`there is neither ${base}.mjs nor ${base}.cjs`);
  const exports: unknown = await import(pathToFileURL(file).href);
  const handler =
    typeof exports === 'object' && exports !== null
      ? Object.entries(exports).find(([key]) => key === name)?.[1]
      : undefined;
  if (!isHandler(handler)) throw new HandlerNotFound(`${file} exports no function ${name}`);
  return handler;
};

const contextOf = (id: string, headers: http.IncomingHttpHeaders): object => {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: realEnvironment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: realEnvironment.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: realEnvironment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: realEnvironment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: realEnvironment.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
};

let current: string | undefined;

/** An error that no handler's promise carries ends the environment, as in Lambda. */
const crash = (type: string | undefined) => async (thrown: unknown) => {
  const body = describe(thrown);
  const own = type === undefined ? body : JSON.stringify({ ...JSON.parse(body), errorType: type });
  const path = current === undefined ? '/init/error' : `/invocation/${current}/error`;
  // A runtime API that is gone has nobody to tell.
  await call('POST', path, own, { 'lambda-runtime-function-error-type': 'Runtime.Fatal' }).catch(() => {});
  process.exit(129);
};
process.on('uncaughtException', crash(undefined));
process.on('unhandledRejection', crash('Runtime.UnhandledPromiseRejection'));
process.on('disconnect', () => process.exit(0));
process.channel?.unref();

const serve = async (handler: Handler): Promise<never> => {
  let isKept = false;
  for (;;) {
    const { headers, body } = await call('GET', '/invocation/next');
    const id = String(headers['lambda-runtime-aws-request-id']);
    current = id;
    runAhead(Number(headers['millrace-ahead-ms'] ?? 0));
    realEnvironment._X_AMZN_TRACE_ID = String(headers['lambda-runtime-trace-id']);
    try {
      const result: unknown = await handler(JSON.parse(body), contextOf(id, headers));
      await call('POST', `/invocation/${id}/response`, JSON.stringify(result) ?? 'null');
    } catch (thrown) {
      await call('POST', `/invocation/${id}/error`, describe(thrown));
    }
    current = undefined;
    // An environment is killed sooner or later, and Node would write at its end. Later calls have nothing to write.
    if (!isKept) flushCompileCache();
    isKept = true;
  }
};

const start = async (): Promise<void> => {
  let handler: Handler;
  try {
    handler = await loadHandler();
  } catch (thrown) {
    await call('POST', '/init/error', describe(thrown));
    process.exit(1);
  }
  // The orchestrator that went away took the runtime API with it.
  await serve(handler).catch(() => process.exit(1));
};
await start();
