/** A text with some layers of escapes taken off, and where its characters stood in the text that it was first. */
export interface Layer {
  readonly text: string;
  /** Of each UTF-16 unit where its writing begins, and behind the last one the first text's end. */
  readonly starts: readonly number[];
}

/** A text as it stands. */
export const plainLayer = (text: string): Layer => ({
  text,
  starts: Array.from({ length: text.length + 1 }, (_, at) => at),
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
  if (!text.includes(mark)) return undefined;
  const pieces: string[] = [];
  const places: number[] = [];
  let isSame = true;
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    const found = character === mark ? read(text, at) : undefined;
    const piece = found?.means ?? character;
    pieces.push(piece);
    for (let unit = 0; unit < piece.length; unit++) places.push(starts[at] ?? 0);
    if (found !== undefined) isSame = false;
    at += found?.length ?? 1;
  }
  if (isSame) return undefined;
  places.push(starts[text.length] ?? 0);
  return { text: pieces.join(''), starts: places };
};

/** Bytes of one character in UTF-8; what is none is a character of ISO-8859-1. */
const readPercent = (text: string, at: number): Escape | undefined => {
  const first = text.slice(at + 1, at + 3);
  if (!/^[0-9a-f]{2}$/i.test(first)) return undefined;
  const byte = Number.parseInt(first, 16);
  const length = 3 * (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1);
  try {
    const means = decodeURIComponent(text.slice(at, at + length));
    if (means.length <= 2 && length <= text.length - at) return { means, length };
  } catch {
    // Not UTF-8.
  }
  return { means: String.fromCharCode(byte), length: 3 };
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
