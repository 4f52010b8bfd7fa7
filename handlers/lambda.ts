import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Tracer as PowertoolsTracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { InvalidInput, OutOfTime } from '../shared/errors.ts';
import { describeIssues } from '../shared/model/describe-issues.ts';
import { redactDeep } from '../shared/redact/redact-deep.ts';
import { newRedactor, type Redactor } from '../shared/redact/redactor.ts';
import { endCalls, traceCalls } from './adapters/trace-calls.ts';
import { xrayTracer } from './adapters/xray-tracer.ts';
import { correlationKeys, toAnnotations } from './correlation-keys.ts';
import type { Tracer } from './ports/tracer.ts';

/** What one invocation gives to its use case. */
export interface Invocation {
  /** The request id: names this invocation in records, and the folder of its uploads. */
  readonly invocation: string;
  /** Fires with OutOfTime while there is still time to abort uploads. */
  readonly signal: AbortSignal;
  readonly tracer: Tracer;
  readonly log: Log;
  /** Knows every secret that was read here; what leaves this function as a message goes through it. */
  readonly redactor: Redactor;
}

/** Structured lines with the invocation's correlation keys, redacted; never row values. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
}

/** Time kept for aborting uploads and writing the log: an AbortMultipartUpload a table, some 100 ms each. */
const RESERVE_MS = 5_000;

interface Edge {
  readonly logger: Logger;
  readonly powertools: PowertoolsTracer;
}

const EDGE: Edge = {
  logger: new Logger(),
  powertools: new PowertoolsTracer({ captureHTTPsRequests: false }),
};

/** A client of the AWS SDK whose calls are shown in the trace of the invocation that makes them. */
export const traced = <C extends Parameters<typeof traceCalls>[0]>(
  client: C,
  { powertools }: Edge = EDGE,
): C => traceCalls(client, powertools);

/**
 * One stack for every Lambda: trace, log context, input by schema, a signal before the time is up; an error is
 * logged once, here, and thrown on, so that Step Functions sees its `name` as the Error. Traces, log lines and errors
 * are redacted here, before anyone else sees them: what states, records and messages say of a failure comes of these.
 */
export const toLambda = <I, O>(
  input: z.ZodType<I>,
  work: (input: I, invocation: Invocation) => Promise<O>,
  edge: Edge = EDGE,
) => {
  const { logger, powertools } = edge;
  // Of the function, not of one invocation: an error may come late, and quote a secret that an earlier one read.
  const redactor = newRedactor();
  const tracer = xrayTracer(powertools, redactor);
  return middy<unknown, O>()
    .use(captureLambdaHandler(powertools, { captureResponse: false }))
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logErrorOnce(logger))
    .handler(async (event: unknown, context: Context): Promise<O> => {
      const keys = correlationKeys(event);
      logger.appendKeys({ ...keys, trace_id: tracer.traceId() });
      tracer.annotate(toAnnotations(keys));
      const parsed = input.safeParse(event);
      if (!parsed.success) throw new InvalidInput(`state input ${describeIssues(parsed.error)}`);
      const alarm = alarmBefore(context);
      try {
        const output = await work(parsed.data, {
          invocation: context.awsRequestId,
          signal: alarm.signal,
          tracer,
          log: logOf(logger, redactor),
          redactor,
        });
        // PlanBatch and PlanLoad find out which batch and load it is.
        tracer.annotate(toAnnotations({ ...keys, ...correlationKeys(output) }));
        return output;
      } catch (error) {
        throw redactDeep(error, redactor.redact);
      } finally {
        alarm.clear();
        if (powertools.isTracingEnabled()) endCalls(powertools.getSegment());
      }
    });
};

const logErrorOnce = (logger: Logger): MiddlewareObj<unknown> => ({
  onError: ({ error }) => {
    if (error instanceof Error) logger.error(error.message, error);
    else logger.error(`thrown value ${String(error)} is not an Error`);
  },
});

const logOf = (logger: Logger, { redact }: Redactor): Log => ({
  info: (message, fields = {}) => logger.info(redact(message), redactFields(fields, redact)),
  warn: (message, fields = {}) => logger.warn(redact(message), redactFields(fields, redact)),
});

const redactFields = (fields: Parameters<Log['info']>[1] & {}, redact: Redactor['redact']) =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  );

/** middy's own early signal answers at once, before the work could clean up; this one only tells it to. */
const alarmBefore = (context: Context) => {
  const controller = new AbortController();
  const remainingMs = context.getRemainingTimeInMillis();
  const timer = setTimeout(
    () => controller.abort(new OutOfTime(`work not done in the ${remainingMs} ms that the function had`)),
    Math.max(0, remainingMs - RESERVE_MS),
  );
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
};
