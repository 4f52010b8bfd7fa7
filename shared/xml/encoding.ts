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

const find = (name: string): Encoding | 'UTF-16' | undefined =>
  NAMES.get(name.replace(/^["']|["']$/g, '').toLowerCase());

const parseName = (name: string, place: string): Encoding | 'UTF-16' => {
  const encoding = find(name);
  if (encoding === undefined) throw new XmlUnsupported(`${place}: encoding ${name}, allowed ${ALLOWED}`);
  return encoding;
};

const startsWith = (head: Buffer, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, index) => head[index] === byte);

interface Mark {
  readonly encoding: Encoding;
  readonly markBytes: number;
}

/** What the first bytes say whoever declares what: a byte order mark, or `<` in sixteen bits. */
const sniff = (head: Buffer, place: string): Mark | undefined => {
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

const DECLARED =
  /^<\?xml[ \t\r\n][^>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][A-Za-z0-9._-]*)["']/;

/** The head as text, as far as it is ASCII, which an XML declaration is. */
const toAscii = (head: Buffer, mark: Mark | undefined): string => {
  const bytes = head.subarray(mark?.markBytes ?? 0);
  if (mark === undefined || mark.encoding === 'UTF-8') return bytes.toString('latin1');
  const pairs = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  return (mark.encoding === 'UTF-16BE' ? pairs.swap16() : pairs).toString('utf16le');
};

/** Charsets that servers add to whatever they send, XML or not, knowing nothing of it: the XML declaration stands above them. */
const ADDED_BLINDLY: ReadonlySet<string> = new Set(['ISO-8859-1', 'US-ASCII']);

export interface Detected {
  readonly encoding: Encoding;
  readonly markBytes: number;
  /** What contradicts itself, and how the document is read nevertheless. */
  readonly warning: string | undefined;
}

/**
 * The encoding of a document by its head and its header's charset: a byte order mark wins, then the charset, then the XML declaration,
 * which wins over a charset that servers add blindly; UTF-8 where nothing is said. Gives undefined while more bytes are needed. Throws
 * XmlUnsupported for encodings that are not read, XmlMalformed when the declaration counts and cannot be true of the bytes it stands in.
 */
export const detectEncoding = (
  head: Buffer,
  header: string | undefined,
  isComplete: boolean,
  place: string,
): Detected | undefined => {
  if (head.length < 4 && !isComplete) return undefined;
  const mark = sniff(head, place);
  const text = toAscii(head, mark);
  // The head may end within the declaration's first five characters.
  const isDeclared = '<?xml'.startsWith(text.slice(0, 5));
  if (isDeclared && !isComplete && !text.includes('?>')) return undefined;
  const declared = DECLARED.exec(text.slice(0, text.indexOf('?>') + 1))?.[1];
  const charset = header?.trim() || undefined;
  const found = mark ?? { encoding: choose(charset, declared, place), markBytes: 0 };
  return { ...found, warning: findContradiction(found, charset, declared, mark !== undefined) };
};

const choose = (charset: string | undefined, declared: string | undefined, place: string): Encoding => {
  const named = charset === undefined ? undefined : parseName(charset, place);
  if (named !== undefined && (declared === undefined || !ADDED_BLINDLY.has(named))) {
    return named === 'UTF-16' ? 'UTF-16BE' : named;
  }
  if (declared === undefined) return 'UTF-8';
  const encoding = parseName(declared, place);
  if (encoding === 'UTF-16' || encoding === 'UTF-16LE' || encoding === 'UTF-16BE') {
    throw new XmlMalformed(`${place}: the XML declaration says ${declared}, in bytes that are not`);
  }
  return encoding;
};

/** Whether a name may mean the encoding: UTF-16 leaves the byte order open. */
const agrees = (name: string, encoding: Encoding): boolean => {
  const named = find(name);
  return named === encoding || (named === 'UTF-16' && encoding.startsWith('UTF-16'));
};

/** Characters of a name that a warning shows. */
const SHOWN = 40;

const findContradiction = (
  { encoding, markBytes }: Mark,
  charset: string | undefined,
  declared: string | undefined,
  isMarked: boolean,
): string | undefined => {
  const others = [
    ...(charset === undefined ? [] : [{ who: 'the charset of the HTTP header', name: charset }]),
    ...(declared === undefined ? [] : [{ who: 'the XML declaration', name: declared }]),
  ];
  if (others.every(({ name }) => agrees(name, encoding))) return undefined;
  const says = others.map(({ who, name }) => `${who} says ${name.slice(0, SHOWN)}`);
  const first = markBytes > 0 ? 'the byte order mark' : 'the first bytes';
  const all = isMarked ? [`${first} ${markBytes > 0 ? 'says' : 'say'} ${encoding}`, ...says] : says;
  return `encodings contradict each other: ${all.join(', ')}; read as ${encoding}`;
};
