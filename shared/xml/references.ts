interface Predefined {
  /** What stands behind the &. */
  readonly text: string;
  readonly character: string;
}

/** What every document may refer to, by the code of the first character behind the &. */
const PREDEFINED: readonly (readonly Predefined[] | undefined)[] = (() => {
  const byFirst: Predefined[][] = Array.from({ length: 128 }, () => []);
  for (const [text, character] of [
    ['lt;', '<'],
    ['gt;', '>'],
    ['amp;', '&'],
    ['quot;', '"'],
    ['apos;', "'"],
  ] as const)
    byFirst[text.charCodeAt(0)]?.push({ text, character });
  return byFirst;
})();

const AMPERSAND = 0x26;

/**
 * The text of references to predefined entities that follow one another, from behind the first &, and where it ends; undefined when the
 * first is none or is not whole. One text for all: added one by one each would be a string of its own, of 32 bytes and more.
 */
export const readReferences = (
  chunk: string,
  start: number,
): { readonly text: string; readonly end: number } | undefined => {
  const first = predefinedAt(chunk, start);
  if (first === undefined) return undefined;
  let end = start + first.text.length;
  if (chunk.charCodeAt(end) !== AMPERSAND) return { text: first.character, end };
  const characters = [first.character];
  while (chunk.charCodeAt(end) === AMPERSAND) {
    const next = predefinedAt(chunk, end + 1);
    if (next === undefined) break;
    characters.push(next.character);
    end += 1 + next.text.length;
  }
  return { text: characters.join(''), end };
};

const predefinedAt = (chunk: string, at: number): Predefined | undefined => {
  const known = PREDEFINED[chunk.charCodeAt(at)];
  if (known === undefined) return undefined;
  for (const one of known) if (chunk.startsWith(one.text, at)) return one;
  return undefined;
};
