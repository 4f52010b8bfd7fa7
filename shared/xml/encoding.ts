import { XmlMalformed, XmlUnsupported } from '../errors.ts';

export type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'ISO-8859-1' | 'windows-1252' | 'US-ASCII';

/** Names that sources use. UTF-16 alone says nothing of the byte order. */
const NAMES: ReadonlyMap<string, Encoding | 'UTF-16'> = new Map([
  ['utf-8', 'UTF-8'],
  ['utf8', 'UTF-8'],
  ['utf-16', 'UTF-16'],
  ['utf-16le', 'UTF-16LE'],
  ['utf-16be', 'UTF-16BE'],
  ['iso-8859-1', 'ISO-8859-1'],
  ['iso8859-1', 'ISO-8859-1'],
  ['latin1', 'ISO-8859-1'],
  ['windows-1252', 'windows-1252'],
  ['cp1252', 'windows-1252'],
  ['us-ascii', 'US-ASCII'],
  ['ascii', 'US-ASCII'],
]);

const ALLOWED = 'UTF-8, UTF-16, ISO-8859-1, windows-1252, US-ASCII';

const parseName = (name: string, place: string): Encoding | 'UTF-16' => {
  const encoding = NAMES.get(
    name
      .trim()
      .replace(/^["']|["']$/g, '')
      .toLowerCase(),
  );
  if (encoding === undefined) throw new XmlUnsupported(`${place}: encoding ${name}, allowed ${ALLOWED}`);
  return encoding;
};

const startsWith = (head: Buffer, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, index) => head[index] === byte);

/** What the first bytes say whoever declares what: a byte order mark, or `<` in sixteen bits. */
const sniff = (head: Buffer, place: string): { encoding: Encoding; markBytes: number } | undefined => {
  if (startsWith(head, 0xff, 0xfe, 0, 0) || startsWith(head, 0, 0, 0xfe, 0xff)) {
    throw new XmlUnsupported(`${place}: encoding UTF-32, allowed ${ALLOWED}`);
  }
  if (startsWith(head, 0xef, 0xbb, 0xbf)) return { encoding: 'UTF-8', markBytes: 3 };
  if (startsWith(head, 0xff, 0xfe)) return { encoding: 'UTF-16LE', markBytes: 2 };
  if (startsWith(head, 0xfe, 0xff)) return { encoding: 'UTF-16BE', markBytes: 2 };
  if (startsWith(head, 0x3c, 0) && head[2] !== 0) return { encoding: 'UTF-16LE', markBytes: 0 };
  if (startsWith(head, 0, 0x3c) && head[2] === 0) return { encoding: 'UTF-16BE', markBytes: 0 };
  return undefined;
};

const DECLARED = /^<\?xml[ \t\r\n][^>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')/;

/**
 * The encoding of a document by its head and its header's charset. Gives undefined while more bytes are needed. Throws
 * XmlUnsupported for encodings that are not read, XmlMalformed when the declaration cannot be true of the bytes it stands in.
 */
export const detectEncoding = (
  head: Buffer,
  charset: string | undefined,
  isComplete: boolean,
  place: string,
): { readonly encoding: Encoding; readonly markBytes: number } | undefined => {
  if (head.length < 4 && !isComplete) return undefined;
  const found = sniff(head, place);
  if (found !== undefined) return found;
  const text = head.toString('latin1');
  // The head may end within the declaration's first five characters.
  const isDeclared = '<?xml'.startsWith(text.slice(0, 5));
  if (isDeclared && charset === undefined && !isComplete && !text.includes('?>')) return undefined;
  if (charset !== undefined && charset.trim() !== '') {
    const named = parseName(charset, place);
    return { encoding: named === 'UTF-16' ? 'UTF-16BE' : named, markBytes: 0 };
  }
  const match = DECLARED.exec(text.slice(0, text.indexOf('?>') + 1));
  const name = match?.[1] ?? match?.[2];
  if (name === undefined || !/^[A-Za-z][A-Za-z0-9._-]*$/.test(name))
    return { encoding: 'UTF-8', markBytes: 0 };
  const named = parseName(name, place);
  if (named.startsWith('UTF-16')) {
    throw new XmlMalformed(`${place}: the XML declaration says ${name}, in bytes that are not`);
  }
  return { encoding: named as Exclude<typeof named, 'UTF-16'>, markBytes: 0 };
};
