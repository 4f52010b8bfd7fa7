/** Edits (insert, delete, replace, swap of neighbours) that turn one word into another. */
const distance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
};

/** Characters of a word that are compared: the work is the product of two lengths. */
const MOST_COMPARED = 128;

const fold = (word: string): string => word.slice(0, MOST_COMPARED).toLowerCase();

/** The known word that takes the fewest edits; undefined where there is none. Case does not count. */
export const closest = (
  word: string,
  known: readonly string[],
): { readonly candidate: string; readonly edits: number } | undefined =>
  known
    .map((candidate) => ({ candidate, edits: distance(fold(word), fold(candidate)) }))
    .sort((a, b) => a.edits - b.edits)[0];

/** The known word that an unknown one most likely stands for; undefined when none is near. Case does not count. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const best = closest(word, known);
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
};
