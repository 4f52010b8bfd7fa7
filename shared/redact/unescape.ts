/** A text with some layers of escapes taken off, and where its characters stood in the text that it was first. */
export interface Layer {
  readonly text: string;
  /** Of each UTF-16 unit where its writing begins, and behind the last one the first text's end. */
  readonly starts: Uint32Array;
}

/** A text as it stands. */
export const plainLayer = (text: string): Layer => ({
  text,
  starts: Uint32Array.from({ length: text.length + 1 }, (_, at) => at),
});

interface Escape {
  readonly means: string;
  readonly length: number;
}

/** A way in which texts are escaped: the character that its escapes begin with, and what one at a place stands for. */
interface Escaping {
  readonly mark: string;
  read(text: string, at: number): Escape | undefined;
}

/** The layers below a text: with one way of escaping taken off, for each that the text makes use of. */
export const unescapeLayer = (layer: Layer): readonly Layer[] =>
  ESCAPINGS.map((escaping) => takeOff(layer, escaping)).filter((below) => below !== undefined);

const takeOff = ({ text, starts }: Layer, { mark, read }: Escaping): Layer | undefined => {
  const pieces: string[] = [];
  const places = new Uint32Array(starts.length); // an escape is longer than what it stands for
  let length = 0;
  let done = 0;
  const keep = (to: number): void => {
    if (to > done) pieces.push(text.slice(done, to));
    for (; done < to; done++) places[length++] = starts[done] ?? 0;
  };
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, Math.max(done, at + 1))) {
    const found = read(text, at);
    if (found === undefined) continue;
    keep(at);
    pieces.push(found.means);
    for (let unit = 0; unit < found.means.length; unit++) places[length++] = starts[at] ?? 0;
    done = at + found.length;
  }
  if (done === 0) return undefined;
  keep(text.length);
  places[length] = starts[text.length] ?? 0;
  return { text: pieces.join(''), starts: places.subarray(0, length + 1) };
};

/** Bytes of one character in UTF-8, which may be cut; what is none is a character of ISO-8859-1. */
const CUT_BYTES = /^(?:%[0-9a-f]{2}){1,3}(?:%[0-9a-f]?)?(?:[\u2026"]|$)/i;

const readPercent = (text: string, at: number): Escape | undefined => {
  const first = text.slice(at + 1, at + 3);
  if (!/^[0-9a-f]{2}$/i.test(first)) return undefined;
  const byte = Number.parseInt(first, 16);
  const length = 3 * (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1);
  const bytes = text.slice(at, at + length);
  try {
    return { means: decodeURIComponent(bytes), length };
  } catch {
    // What is cut goes on somewhere else; the rest is not UTF-8.
    return CUT_BYTES.test(bytes) ? undefined : { means: String.fromCharCode(byte), length: 3 };
  }
};

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const REFERENCE = /&(?:#([0-9]{1,9})|#x([0-9a-f]{1,8})|([a-z]{2,4}));/iy;

const readReference = (text: string, at: number): Escape | undefined => {
  REFERENCE.lastIndex = at;
  const [whole, decimal, hex, name] = REFERENCE.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const means = name === undefined ? toCharacter(code) : REFERENCES.get(name.toLowerCase());
  return means === undefined ? undefined : { means, length: whole.length };
};

const toCharacter = (code: number): string | undefined =>
  code <= 0x10ffff ? String.fromCodePoint(code) : undefined;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const CODE = /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/iy;

const readBackslash = (text: string, at: number): Escape | undefined => {
  const short = ESCAPES.get(text.charAt(at + 1));
  if (short !== undefined) return { means: short, length: 2 };
  CODE.lastIndex = at;
  const [whole, wide, narrow] = CODE.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return {
    means: String.fromCharCode(Number.parseInt(wide ?? narrow ?? '', 16)),
    length: whole.length,
  };
};

/** Percent-encoding, the references of XML and HTML, the escapes of JSON and of most languages. */
const ESCAPINGS: readonly Escaping[] = [
  { mark: '%', read: readPercent },
  { mark: '&', read: readReference },
  { mark: '\\', read: readBackslash },
];
