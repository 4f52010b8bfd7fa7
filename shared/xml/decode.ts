import { isAscii, isUtf8 } from 'node:buffer';
import { SourceTruncated, XmlMalformed } from '../errors.ts';
import { detectEncoding, type Encoding } from './encoding.ts';

/** Decodes bytes to text, chunk by chunk. Bytes that are not of the encoding are an error with their offset, never U+FFFD. */
export interface Decoder {
  /** Text of the bytes so far; a character cut by the chunk's end waits for the next. */
  decode(chunk: Uint8Array): string;
  /** The same, left in bytes where the document is in UTF-8. */
  take(chunk: Uint8Array): string | Buffer;
  /** Throws SourceTruncated when the bytes ended within a character. */
  end(): string;
}

/** Longest head that is gathered to find the XML declaration in. */
const MOST_HEAD = 1024;

/** A decoder that finds its encoding out: see encoding.ts. */
export const newDecoder = ({ charset, warn, ...place }: Decoded): Decoder => {
  let head: Buffer = Buffer.alloc(0);
  let decoder: Decoder | undefined;
  const begin = (isComplete: boolean): string | Buffer => {
    const found = detectEncoding(
      head.subarray(0, MOST_HEAD),
      charset,
      isComplete || head.length >= MOST_HEAD,
      place.name,
    );
    if (found === undefined) return '';
    if (found.warning !== undefined) warn(found.warning);
    decoder = DECODERS[found.encoding](place, found.markBytes, warn);
    return decoder.take(head.subarray(found.markBytes));
  };
  const take = (chunk: Uint8Array): string | Buffer => {
    if (decoder !== undefined) return decoder.take(chunk);
    head = Buffer.concat([head, chunk]);
    return begin(false);
  };
  return {
    decode: (chunk) => toText(take(chunk)),
    take,
    end: () => (decoder === undefined ? toText(begin(true)) : '') + (decoder?.end() ?? ''),
  };
};

const toText = (taken: string | Buffer): string => {
  if (typeof taken === 'string') return taken;
  return isAscii(taken) ? taken.toString('latin1') : taken.toString('utf8');
};

const asBuffer = (chunk: Uint8Array): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/** A document that is decoded: its place, and what its header says. */
export interface Decoded extends Place {
  readonly charset: string | undefined;
  /** Told when what the document and its header say of its encoding contradicts itself. */
  readonly warn: (what: string) => void;
}

export interface Place {
  readonly name: string;
  /** The line that the text decoded so far ends in. */
  readonly line: () => number;
}

/** `before` is what of the chunk is right. */
const invalid = (
  place: Place,
  encoding: string,
  offset: number,
  byte: number | undefined,
  before: string,
): never => {
  const line = place.line() + before.split('\n').length - 1;
  const what = `byte 0x${(byte ?? 0).toString(16).padStart(2, '0')} at offset ${offset}, in line ${line}`;
  throw new XmlMalformed(
    `${place.name}: ${what}, is not ${encoding}; a document in another encoding has to declare it`,
  );
};

/** How many bytes at the end begin a UTF-8 character that the chunk does not complete. */
const openTail = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    // 0xc0, 0xc1 and what is above 0xf4 begin no character.
    if (byte < 0xc2 || byte > 0xf4) continue;
    return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
};

/** Offset of the first byte that does not continue valid UTF-8; the search halves, since a prefix is valid or is not. */
const firstInvalid = (bytes: Buffer): number => {
  let valid = 0;
  let invalidAt = bytes.length;
  while (valid + 1 < invalidAt) {
    const middle = (valid + invalidAt) >> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, middle - openTail(part)))) valid = middle;
    else invalidAt = middle;
  }
  const at = Math.max(invalidAt - 1, 0);
  return at - openTail(bytes.subarray(0, at));
};

const utf8 = (place: Place, markBytes: number): Decoder => {
  let carry: Buffer = Buffer.alloc(0);
  let offset = markBytes;
  const take = (chunk: Uint8Array): Buffer => {
    let bytes = asBuffer(chunk);
    if (carry.length > 0) bytes = Buffer.concat([carry, bytes]);
    const open = openTail(bytes);
    const complete = bytes.subarray(0, bytes.length - open);
    carry = Buffer.from(bytes.subarray(bytes.length - open));
    if (!isUtf8(complete)) {
      const at = firstInvalid(complete);
      invalid(place, 'UTF-8', offset + at, complete[at], complete.toString('latin1', 0, at));
    }
    offset += complete.length;
    return complete;
  };
  return {
    decode: (chunk) => toText(take(chunk)),
    take,
    end: () => {
      if (carry.length > 0)
        throw new SourceTruncated(`${place.name}: the document ends within a character at offset ${offset}`);
      return '';
    },
  };
};

/** A decoder of what is known to be UTF-8; it takes no byte order mark off. */
export const newUtf8Decoder = (place: Place): Decoder => utf8(place, 0);

const utf16 = (place: Place, markBytes: number, isBig: boolean): Decoder => {
  let carry: Buffer = Buffer.alloc(0);
  let offset = markBytes;
  const decode = (chunk: Uint8Array): string => {
    const bytes = Buffer.concat([carry, chunk]);
    let length = bytes.length & ~1;
    const last = length === 0 ? 0 : isBig ? bytes.readUInt16BE(length - 2) : bytes.readUInt16LE(length - 2);
    if (last >= 0xd800 && last <= 0xdbff) length -= 2;
    const complete = bytes.subarray(0, length);
    carry = Buffer.from(bytes.subarray(length));
    if (isBig) complete.swap16();
    const text = complete.toString('utf16le');
    if (!text.isWellFormed()) {
      const at = text
        .toWellFormed()
        .split('')
        .findIndex((unit, index) => unit !== text[index]);
      invalid(place, 'UTF-16', offset + at * 2, complete[at * 2], text.slice(0, at));
    }
    offset += length;
    return text;
  };
  return {
    decode,
    take: decode,
    end: () => {
      if (carry.length > 0)
        throw new SourceTruncated(`${place.name}: the document ends within a character at offset ${offset}`);
      return '';
    },
  };
};

/** Windows-1252's characters of 0x80 to 0x9f; a space stands for the five bytes that are none. */
const WINDOWS = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const single = (
  place: Place,
  markBytes: number,
  encoding: string,
  map?: (unit: string) => string | undefined,
): Decoder => {
  let offset = markBytes;
  const decode = (chunk: Uint8Array): string => {
    const text = asBuffer(chunk).toString('latin1');
    const mapped =
      map === undefined
        ? text
        : text.replace(
            /[\x80-\xff]/g,
            (unit, at: number) =>
              map(unit) ?? invalid(place, encoding, offset + at, unit.charCodeAt(0), text.slice(0, at)),
          );
    offset += chunk.length;
    return mapped;
  };
  return { decode, take: decode, end: () => '' };
};

/** Control characters of ISO-8859-1 are in no text: such bytes are quotes of windows-1252, or the rest of a character of UTF-8. */
const latin1 = (place: Place, markBytes: number, warn: (what: string) => void): Decoder => {
  const inner = single(place, markBytes, 'ISO-8859-1');
  let offset = markBytes;
  let isTold = false;
  const decode = (chunk: Uint8Array): string => {
    const text = inner.decode(chunk);
    const at = isTold ? -1 : text.search(/[\x80-\x9f]/);
    if (at >= 0) {
      isTold = true;
      warn(
        `byte 0x${text.charCodeAt(at).toString(16)} at offset ${offset + at} is a control character in ISO-8859-1, and perhaps windows-1252 or UTF-8 in truth: then the source has to declare that`,
      );
    }
    offset += chunk.length;
    return text;
  };
  return { decode, take: decode, end: inner.end };
};

const fromWindows = (unit: string): string | undefined => {
  if (unit > '\x9f') return unit;
  const mapped = WINDOWS[unit.charCodeAt(0) - 0x80];
  return mapped === ' ' ? undefined : mapped;
};

const DECODERS: Readonly<
  Record<Encoding, (place: Place, markBytes: number, warn: (what: string) => void) => Decoder>
> = {
  'UTF-8': utf8,
  'UTF-16LE': (place, mark) => utf16(place, mark, false),
  'UTF-16BE': (place, mark) => utf16(place, mark, true),
  'ISO-8859-1': latin1,
  'windows-1252': (place, mark) => single(place, mark, 'windows-1252', fromWindows),
  'US-ASCII': (place, mark) => single(place, mark, 'US-ASCII', () => undefined),
};
