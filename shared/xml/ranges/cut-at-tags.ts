/** Some bytes of a document, and whether a tag of the name that is looked for seems to start them. */
export interface Piece {
  /** Offset of the first byte in the document. */
  readonly at: number;
  readonly bytes: Buffer;
  readonly isTag: boolean;
}

/** Where to cut: before each tag that starts at this offset or after it. It may be moved between two pieces. */
export interface Cut {
  from: number;
}

const LESS = 0x3c;
/** What may stand behind the name of a start tag. */
const ENDS_NAME: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0x2f, 0x3e]);

/**
 * Passes bytes on, cut before each start tag of a name. It looks at bytes alone: such a tag may stand in a comment, a CDATA section or in
 * another element of the name. In UTF-8 a byte of ASCII is never a part of another character.
 */
export async function* cutAtTags(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  name: string,
  cut: Cut,
): AsyncGenerator<Piece> {
  const tag = Buffer.from(`<${name}`);
  let at = start;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    for (;;) {
      const isTag = at >= cut.from && startsTag(rest, 0, tag) === true;
      const next = findTag(rest, Math.max(cut.from - at, isTag ? 1 : 0), tag);
      // A tag that starts here is known from the byte behind its name on.
      const length = next ?? wholeLength(rest, tag);
      if (length === 0) break;
      yield { at, bytes: rest.subarray(0, length), isTag };
      rest = rest.subarray(length);
      at += length;
    }
    // The chunk's memory may be the next one's.
    rest = Buffer.from(rest);
  }
  if (rest.length > 0) yield { at, bytes: rest, isTag: false };
}

const asBuffer = (chunk: Uint8Array): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/** Whether a tag stands there; undefined where the bytes end before that is known. */
const startsTag = (bytes: Buffer, at: number, tag: Buffer): boolean | undefined => {
  const there = bytes.subarray(at, at + tag.length);
  if (!there.equals(tag.subarray(0, there.length))) return false;
  const behind = bytes[at + tag.length];
  return behind === undefined ? undefined : ENDS_NAME.has(behind);
};

/** Where the next tag starts, from an offset above 0 on. */
const findTag = (bytes: Buffer, from: number, tag: Buffer): number | undefined => {
  for (let at = bytes.indexOf(tag, Math.max(from, 1)); at >= 0; at = bytes.indexOf(tag, at + 1)) {
    if (startsTag(bytes, at, tag) === true) return at;
  }
  return undefined;
};

/** How many bytes surely go before any tag that starts in them and does not end in them. */
const wholeLength = (bytes: Buffer, tag: Buffer): number => {
  for (let at = Math.max(0, bytes.length - tag.length); at < bytes.length; at += 1) {
    if (bytes[at] === LESS && startsTag(bytes, at, tag) === undefined) return at;
  }
  return bytes.length;
};
