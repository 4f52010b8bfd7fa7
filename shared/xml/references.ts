/** What every document may refer to, by the characters between & and semicolon. */
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
const LONGEST = 4;

const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;

/**
 * The text of references to predefined entities that follow one another, from behind the first &, and where it ends; undefined when the
 * first is none or is not whole. One text for all: added one by one each would be a string of its own, of 32 bytes and more.
 */
export const readReferences = (
  chunk: string,
  start: number,
): { readonly text: string; readonly end: number } | undefined => {
  const characters: string[] = [];
  let end = start;
  for (let at = start; ; at = end + 1) {
    let close = at;
    while (close <= at + LONGEST && chunk.charCodeAt(close) !== SEMICOLON) close += 1;
    const character =
      chunk.charCodeAt(close) === SEMICOLON ? PREDEFINED.get(chunk.slice(at, close)) : undefined;
    if (character === undefined) break;
    characters.push(character);
    end = close + 1;
    if (chunk.charCodeAt(end) !== AMPERSAND) break;
  }
  const [first] = characters;
  if (first === undefined) return undefined;
  return { text: characters.length === 1 ? first : characters.join(''), end };
};
