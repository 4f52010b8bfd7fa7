/** Something that is opened when it is needed first, once, and closed where it was opened. */
export interface Lazy<T> {
  open(): Promise<T>;
  close(): Promise<void>;
}

export const lazy = <T>(open: () => Promise<T>, close: (opened: T) => Promise<void> | void): Lazy<T> => {
  let opening: Promise<T> | undefined;
  return {
    open: () => {
      opening ??= open();
      return opening;
    },
    close: async () => {
      // What did not open has told whoever asked for it, and has nothing to close.
      const opened = await opening?.then((value) => ({ value })).catch(() => undefined);
      if (opened !== undefined) await close(opened.value);
    },
  };
};
