/** V8 makes slices from this length on; shorter ones are copies by themselves. */
const SHORTEST_SLICE = 13;

/** Longest text that is read at once: a document passes in pieces of at most so many characters. */
export const LONGEST_PIECE = 64 * 1024;

/** The text apart from the one that it was cut from, which a slice keeps in memory, all 64 KiB of it, for as long as it lives itself. */
export const copyOf = (text: string): string => {
  if (text.length < SHORTEST_SLICE) return text;
  // A longer one is no slice of a piece, but joined of several: flat, it keeps none of them.
  return text.length > LONGEST_PIECE ? flat(text) : Buffer.from(text, 'utf16le').toString('utf16le');
};

/** V8 joins texts by a tree of them, 32 bytes a branch; looking at a character makes it one again. */
export const flat = (text: string): string => {
  text.charCodeAt(0);
  return text;
};
