/** Of an odd count the one in the middle; 0 of none. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

/** To three digits behind the point. */
export const round = (n: number): number => Math.round(n * 1000) / 1000;
