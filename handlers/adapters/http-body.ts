import { SourceTruncated, SourceUnavailable, XmlLimitExceeded } from '../../shared/errors.ts';

/** Bounds each single wait for the source, not their sum: a slow reader of ours is no silence of theirs. */
export interface IdleWatch {
  /** Fires with the outer signal, or when one wait took too long. */
  readonly signal: AbortSignal;
  run<T>(wait: () => Promise<T>): Promise<T>;
  /** Throws the outer signal's reason, or SourceUnavailable after a silence. */
  throwIfAborted(): void;
}

/** Watches a source that may be silent for so long; `outer` ends everything. */
export const idleWatch = (idleTimeoutMs: number, outer: AbortSignal): IdleWatch => {
  const silence = new AbortController();
  const signal = AbortSignal.any([outer, silence.signal]);
  const giveUp = () =>
    silence.abort(
      new SourceUnavailable(
        `source was silent for ${idleTimeoutMs / 1000} s, the longest that limits.idleTimeout allows`,
      ),
    );
  return {
    signal,
    run: async (wait) => {
      signal.throwIfAborted();
      const timer = setTimeout(giveUp, idleTimeoutMs);
      try {
        return await wait();
      } finally {
        clearTimeout(timer);
      }
    },
    throwIfAborted: () => signal.throwIfAborted(),
  };
};

/** A response's bytes; ends well only when the source ended it well. An encoded body that becomes too much is over a limit, not cut. */
export async function* readBody(
  response: Response,
  place: string,
  watch: IdleWatch,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let received = 0;
  try {
    for (;;) {
      const { done, value } = await watch.run(() => reader.read());
      if (done) break;
      received += value.byteLength;
      yield value;
    }
  } catch (error) {
    if (error instanceof XmlLimitExceeded) throw error;
    const what = `body of ${place} broke off after ${received} bytes`;
    if (!watch.signal.aborted) throw new SourceTruncated(`${what}: ${messageOf(error)}`, { cause: error });
    const reason: unknown = watch.signal.reason;
    if (reason instanceof SourceUnavailable) {
      throw new SourceTruncated(`${what}: ${reason.message}`, { cause: error });
    }
    throw reason;
  } finally {
    await reader.cancel().catch(() => {}); // frees the connection of a body that was left early; one that broke has none
  }
  assertWhole(response, place, received);
}

/** fetch itself fails on a body cut short of its Content-Length; a proxy that ends it cleanly is caught here. */
const assertWhole = (response: Response, place: string, received: number): void => {
  const announced = response.headers.get('content-length');
  const isEncoded = response.headers.get('content-encoding') !== null;
  if (announced === null || isEncoded || Number(announced) === received) return;
  throw new SourceTruncated(`body of ${place} has ${received} bytes, its content-length says ${announced}`);
};

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}, ${error.cause.message}` : error.message;
};
