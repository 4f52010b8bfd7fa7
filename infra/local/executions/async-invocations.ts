import type { Clock } from '../clock.ts';
import type { LambdaPool } from '../lambda/pool.ts';
import type { Traces } from '../tracing.ts';
import type { Chance } from './chance.ts';

/** Pauses before Lambda tries again what failed: docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const PAUSES_MS = [60_000, 120_000];

/** A call whose caller does not wait. */
export interface AsyncCall {
  readonly functionArn: string;
  /** JSON text. */
  readonly payload: string;
  readonly traceId: string;
  /** The state's subsegment. */
  readonly parent: string;
}

export interface AsyncInvocations {
  /** Takes a call over. What the cloud's end cuts off is not taken up again, as it is on AWS: whoever asked asks again. */
  start(call: AsyncCall): void;
  /** Calls that have not ended yet. */
  inFlight(): number;
  close(): void;
}

export interface AsyncOptions {
  readonly pool: LambdaPool;
  readonly traces: Traces;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly timeScale: number;
}

/** Lambda's queue of asynchronous calls: each is tried three times, then dropped; its errors stand in the function's log. */
export const createAsyncInvocations = (options: AsyncOptions): AsyncInvocations => {
  const { pool, traces, chance, clock, timeScale } = options;
  const closing = new AbortController();
  let count = 0;

  const invoke = async (call: AsyncCall, requestId: string): Promise<boolean> => {
    const { functionArn, payload, traceId, parent } = call;
    const span = chance.hex(8);
    const traceHeader = `Root=${traceId};Parent=${span};Sampled=1`;
    const { timing, ...outcome } = await pool.invoke({ functionArn, payload, requestId, traceHeader });
    const functionName = functionArn.slice(functionArn.lastIndexOf(':') + 1);
    traces.invocation({ functionName, requestId, traceId, parent, span, timing, outcome });
    return outcome.status !== 'error';
  };
  const run = async (call: AsyncCall): Promise<void> => {
    const requestId = chance.uuid();
    for (const pauseMs of [0, ...PAUSES_MS]) {
      await clock.sleep(pauseMs * timeScale, closing.signal);
      if (await invoke(call, requestId)) return;
    }
  };
  return {
    start: (call) => {
      count += 1;
      run(call)
        .catch(() => undefined) // the cloud is closed
        .finally(() => {
          count -= 1;
        });
    },
    inFlight: () => count,
    close: () => closing.abort(new Error('the cloud is closed')),
  };
};
