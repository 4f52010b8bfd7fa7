/** One writing of a secret value, folded, that is looked for in a text. */
export interface Needle {
  readonly text: string;
  /** Characters before and behind it that hold bits of the value too. */
  readonly before: number;
  readonly behind: number;
  /** Of a user's name alone: hidden in messages, and no reason to refuse a link. */
  readonly isName: boolean;
}

/**
 * Shorter values are not looked for: a password of one letter would turn every message into asterisks, and show by
 * them what it is. Whoever can guess three characters needs no message.
 */
export const SHORTEST_HIDDEN = 4;

/** Case and the + that stands for a space count for nothing: hosts are written in lower case, forms with +. */
export const fold = (text: string): string =>
  text.replaceAll('+', ' ').replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** All writings of a secret's fields, and of the Basic header that is built from two of them, besides escapes. */
export const needlesOf = (fields: Readonly<Record<string, string>>): readonly Needle[] => {
  const { username, password } = fields;
  const own = Object.entries(fields).flatMap(([name, value]) => writingsOf(value, name === 'username'));
  if (username === undefined || password === undefined) return own;
  const login = `${username}:${password}`;
  return [...own, ...writingsOf(login, false), ...writingsOf(toBase64(login), false)];
};

const toBase64 = (text: string): string => Buffer.from(text).toString('base64');

const writingsOf = (value: string, isName: boolean): readonly Needle[] => {
  if (value.length < SHORTEST_HIDDEN) return [];
  // The bytes of UTF-8 read as ISO-8859-1: so servers of that encoding send back what they got.
  const misread = Buffer.from(value).toString('latin1');
  const texts = new Set([value, misread, ...asNames(value)]);
  return [
    ...[...texts].map((text) => ({ text: fold(text), before: 0, behind: 0, isName })),
    ...[0, 1, 2].flatMap((shift) => inBase64(value, shift, isName)),
  ];
};

/** Below this, what is left of a value as a name may be any word. */
const SHORTEST_NAME = 8;

/** The value as servers make names of it, of elements or files: other characters left out, or in their place. */
const asNames = (value: string): readonly string[] => {
  const name = value.replaceAll(/[^\w.-]/g, '');
  return name.length < SHORTEST_NAME
    ? []
    : [name, ...['_', '-'].map((put) => value.replaceAll(/[^\w.-]/g, put))];
};

/**
 * The characters of base64 that a value alone decides, wherever in a longer text it stands: `shift` is the number of
 * bytes before it, modulo three. Its neighbours have some of its bits. In both alphabets.
 */
const inBase64 = (value: string, shift: number, isName: boolean): readonly Needle[] => {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]);
  const bits = bytes.length * 8;
  const first = Math.ceil((shift * 8) / 6);
  const core = bytes.toString('base64').slice(first, Math.floor(bits / 6));
  const texts = new Set([core, core.replaceAll('+', '-').replaceAll('/', '_')]);
  const before = shift === 0 ? 0 : 1;
  const behind = bits % 6 === 0 ? 0 : 1;
  return [...texts].map((text) => ({ text: fold(text), before, behind, isName }));
};
