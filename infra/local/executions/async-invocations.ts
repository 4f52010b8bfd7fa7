import type { Clock } from '../clock.ts';
import type { LambdaPool } from '../lambda/pool.ts';
import type { Traces } from '../tracing.ts';
import type { AsyncCall, CallJournal } from './call-journal.ts';
import type { Chance } from './chance.ts';

/** Pauses before Lambda tries again what failed: docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const PAUSES_MS = [60_000, 120_000];

export interface AsyncInvocations {
  /** Takes a call over: it happens, whatever stops the cloud meanwhile. */
  start(call: Omit<AsyncCall, 'requestId'>): void;
  /** Calls that have not ended yet. */
  inFlight(): number;
  /** Ends what waits; the next start takes it up again, from its first try. */
  close(): void;
}

export interface AsyncOptions {
  readonly pool: Pick<LambdaPool, 'invoke'>;
  readonly traces: Traces;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly journal: { readonly calls: CallJournal };
  readonly timeScale: number;
}

/**
 * Lambda's queue of asynchronous calls, with what an earlier run left in it: each is tried three times, then dropped; its errors stand in the
 * function's log.
 */
export const createAsyncInvocations = (options: AsyncOptions): AsyncInvocations => {
  const { pool, traces, chance, clock, timeScale } = options;
  const { calls } = options.journal;
  const closing = new AbortController();
  let count = 0;

  const invoke = async ({ parent, traceId, ...call }: AsyncCall): Promise<boolean> => {
    const span = chance.hex(8);
    const traceHeader = `Root=${traceId};Parent=${span};Sampled=1`;
    const { timing, ...outcome } = await pool.invoke({ ...call, traceHeader });
    const functionName = call.functionArn.slice(call.functionArn.lastIndexOf(':') + 1);
    const { requestId } = call;
    traces.invocation({ functionName, requestId, traceId, parent, span, timing, outcome });
    return outcome.status !== 'error';
  };
  const runToEnd = async (call: AsyncCall): Promise<void> => {
    for (const pauseMs of [0, ...PAUSES_MS]) {
      await clock.sleep(pauseMs * timeScale, closing.signal);
      if (await invoke(call)) break;
    }
    calls.drop(call.requestId);
  };
  const run = (call: AsyncCall): void => {
    count += 1;
    runToEnd(call)
      .catch((error: unknown) => {
        if (!closing.signal.aborted) throw error;
      })
      .finally(() => {
        count -= 1;
      });
  };

  for (const call of calls.all()) run(call);
  return {
    start: (of) => {
      const call = { ...of, requestId: chance.uuid() };
      calls.add(call);
      run(call);
    },
    inFlight: () => count,
    close: () => closing.abort(new Error('the cloud is closed')),
  };
};
