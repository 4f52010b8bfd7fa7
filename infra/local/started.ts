/** What was started, each with the way to stop it: as AsyncDisposableStack, which Node 22 does not have. */
export interface Started extends AsyncDisposable {
  /** Keeps one that was started, and gives it back. */
  adopt<T>(one: T, stop: (one: T) => unknown): T;
  defer(stop: () => unknown): void;
  /** All that was started so far, for somebody else to stop: this one stops it no more. */
  move(): Started;
  /** Stops all, the last one first, each when the one before has stopped. Throws the first error, once all were stopped. */
  stop(): Promise<void>;
}

export const newStarted = (stops: (() => unknown)[] = []): Started => {
  const stop = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const one of stops.splice(0).reverse())
      try {
        await one();
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw errors[0];
  };
  return {
    adopt: (one, stopOne) => {
      stops.push(() => stopOne(one));
      return one;
    },
    defer: (one) => void stops.push(one),
    move: () => newStarted(stops.splice(0)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
