/** How often each part of an hour was done, and the seconds that it took. */
export interface Costs {
  /** Does some work of a part. */
  of<T>(part: string, work: () => Promise<T>): Promise<T>;
  /** What was counted since it was asked last, for people: the dearest first. */
  take(): string;
}

export const newCosts = (): Costs => {
  const parts = new Map<string, { times: number; ms: number }>();
  return {
    of: async (part, work) => {
      const since = performance.now();
      try {
        return await work();
      } finally {
        const { times, ms } = parts.get(part) ?? { times: 0, ms: 0 };
        parts.set(part, { times: times + 1, ms: ms + performance.now() - since });
      }
    },
    take: () => {
      const told = [...parts]
        .toSorted(([, a], [, b]) => b.ms - a.ms)
        .map(([part, { times, ms }]) => `${part} ${(ms / 1000).toFixed(1)} s of ${times}`);
      parts.clear();
      return told.join(', ');
    },
  };
};
