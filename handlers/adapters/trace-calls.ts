import type { Tracer as Powertools } from '@aws-lambda-powertools/tracer';

/** What a call is to the middleware of any client of the AWS SDK. */
interface Client {
  readonly config: { readonly serviceId: string };
  readonly middlewareStack: {
    add(
      middleware: (
        next: (call: never) => Promise<Answer>,
        context: { readonly commandName?: string },
      ) => (call: never) => Promise<Answer>,
      options: { readonly step: 'initialize'; readonly name: string },
    ): void;
  };
}

interface Answer {
  readonly output: object;
}

type Parent = NonNullable<ReturnType<Powertools['getSegment']>>;
type Subsegment = ReturnType<Parent['addNewSubsegment']>;

/**
 * Calls that have a subsegment each within one other; the calls after them are in one, from the first to the last. X-Ray is sure to keep
 * 100 KB of a trace, and a load of 500 batches makes as many calls.
 */
const MOST_CALLS = 40;

/** Calls of one subsegment. */
interface Calls {
  count: number;
  /** Calls under way. */
  readonly open: Set<Subsegment>;
  /** Those beyond. */
  rest: Subsegment | undefined;
}

/** By the subsegment that runs: clients are made once a process, and an invocation is not told to them. */
const CALLS = new WeakMap<object, Calls>();

/**
 * Shows each call of a client as a subsegment of what runs: from the call to its answer's head, the SDK's own retries with it. A part of
 * what the Powertools do for a client, which would take every call of a long list, and its name too.
 */
export const traceCalls = <C extends Client>(client: C, powertools: Powertools): C => {
  const { serviceId } = client.config;
  client.middlewareStack.add(
    (next, { commandName = 'call' }) =>
      async (call) => {
        const parent = powertools.isTracingEnabled() ? powertools.getSegment() : undefined;
        if (parent === undefined) return next(call);
        const end = begin(parent, serviceId, commandName.replace(/Command$/, ''));
        try {
          const answer = await next(call);
          end(undefined, answer.output);
          return answer;
        } catch (error) {
          end(error, undefined);
          throw error;
        }
      },
    { step: 'initialize', name: 'traceCalls' },
  );
  return client;
};

/** Ends what a subsegment's calls have open, before it ends itself: the SDK sends none that has an open part. */
export const endCalls = (parent: object | undefined): void => {
  const calls = parent === undefined ? undefined : CALLS.get(parent);
  if (parent === undefined || calls === undefined) return;
  CALLS.delete(parent);
  for (const segment of calls.open) segment.close();
  calls.open.clear();
  calls.rest?.addAttribute('aws', { operation: `${calls.count - MOST_CALLS} more calls` });
  calls.rest?.close();
};

const begin = (parent: Parent, service: string, operation: string) => {
  const calls = CALLS.get(parent) ?? { count: 0, open: new Set(), rest: undefined };
  CALLS.set(parent, calls);
  calls.count += 1;
  if (calls.count > MOST_CALLS) {
    calls.rest ??= openCall(parent, service);
    return () => {};
  }
  const segment = openCall(parent, service);
  calls.open.add(segment);
  segment.addAttribute('aws', { operation });
  return (failure: unknown, output: object | undefined): void => {
    if (!calls.open.delete(segment)) return;
    segment.addAttribute('aws', { operation, ...factsOf(output ?? failure) });
    if (failure !== undefined) addFailure(segment, failure);
    segment.close();
  };
};

const openCall = (parent: Parent, service: string): Subsegment => {
  const segment = parent.addNewSubsegment(service);
  segment.namespace = 'aws';
  return segment;
};

/** Conditions that are not met (412) and things that are not there (404) are answers here, and no faults. */
const addFailure = (segment: Subsegment, failure: unknown): void => {
  const status = metadataOf(failure)?.httpStatusCode ?? 0;
  if (status === 429 || status === 503) segment.addThrottleFlag();
  else if (status >= 400 && status < 500) segment.addErrorFlag();
  else segment.addFaultFlag();
};

const factsOf = (of: unknown): Readonly<Record<string, unknown>> => {
  const metadata = metadataOf(of);
  if (metadata === undefined) return {};
  return { request_id: metadata.requestId, retries: (metadata.attempts ?? 1) - 1 };
};

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly attempts?: number;
}

const metadataOf = (of: unknown): Metadata | undefined =>
  typeof of === 'object' && of !== null && '$metadata' in of && isMetadata(of.$metadata)
    ? of.$metadata
    : undefined;

const isMetadata = (value: unknown): value is Metadata => typeof value === 'object' && value !== null;
