/** V8 makes slices from this length on; shorter ones are copies by themselves. */
const SHORTEST_SLICE = 13;

/** The text apart from the one that it was cut from, which a slice keeps in memory, all 64 KiB of it, for as long as it lives itself. */
export const copyOf = (text: string): string =>
  text.length < SHORTEST_SLICE ? text : Buffer.from(text, 'utf16le').toString('utf16le');
