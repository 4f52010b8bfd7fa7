/** Items of which the next is seen before it is taken. */
export interface Ahead<T> {
  /** The next item, each time the same until it is taken; undefined is the end. */
  peek(): Promise<T | undefined>;
  take(): void;
  /** Ends the items before their end. */
  close(): Promise<void>;
}

/** Looks ahead in items; `timed` runs each wait for one. */
export const lookAhead = <T>(
  items: AsyncIterable<T>,
  timed: (wait: () => Promise<IteratorResult<T>>) => Promise<IteratorResult<T>>,
): Ahead<T> => {
  const iterator = items[Symbol.asyncIterator]();
  let next: Promise<T | undefined> | undefined;
  const read = async (): Promise<T | undefined> => {
    const { done, value } = await timed(() => iterator.next());
    return done === true ? undefined : value;
  };
  return {
    peek: () => {
      next ??= read();
      return next;
    },
    take: () => {
      next = undefined;
    },
    close: async () => void (await iterator.return?.()),
  };
};
