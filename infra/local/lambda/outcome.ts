import * as z from 'zod';

/** What an invocation came to; an error as Step Functions gets it. */
export type Outcome =
  | { readonly status: 'success'; readonly payload: string }
  | { readonly status: 'error'; readonly errorType: string; readonly cause: string };

const reported = z.object({ errorType: z.string() });

/** The runtime's own report of an error: its JSON is the cause. */
export const reportedError = (body: string): Outcome => {
  const parsed = reported.safeParse(JSON.parse(body));
  return {
    status: 'error',
    errorType: parsed.success ? parsed.data.errorType : 'Lambda.Unknown',
    cause: body,
  };
};

export const failure = (errorType: string, errorMessage: string): Outcome => ({
  status: 'error',
  errorType,
  cause: JSON.stringify({ errorType, errorMessage }),
});

/** Synchronous payloads in either direction: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_PAYLOAD_BYTES = 6_291_556;

/** What an invocation took, for its trace and its log. Milliseconds since 1970. */
export interface Timing {
  readonly queuedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of the environment, when this was its first invocation. */
  readonly initMs?: number;
}
