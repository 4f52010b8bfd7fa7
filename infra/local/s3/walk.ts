import type { Position, Version } from './versions.ts';

/** Walking keys in the order of their UTF-8 bytes, with folders rolled up (…/AmazonS3/latest/userguide/using-prefixes.html). */

/** Behind every version of its key. */
export const BEHIND_KEY = -1;
/** Before every version of its key. */
export const BEFORE_KEY = Number.MAX_SAFE_INTEGER;

/** Rows read at once. With a delimiter most of them may fall into one folder, so fewer. */
const BATCH = 1000;
const BATCH_OF_FOLDERS = 16;

export interface Walk {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly from: Position | undefined;
  /** Versions and folders together. */
  readonly limit: number;
  fetch(from: Position, until: Uint8Array, limit: number): Version[];
}

export interface Walked {
  readonly versions: readonly Version[];
  readonly folders: readonly string[];
  /** The last one handed out, in walking order. */
  readonly last: Version | string | undefined;
  /** Where the next walk starts; undefined at the end. */
  readonly next: Position | undefined;
}

/** Walks from a position until the limit or the end of the prefix. */
export const walk = ({ prefix, delimiter, from, limit, fetch }: Walk): Walked => {
  const versions: Version[] = [];
  const folders: string[] = [];
  const until = successor(prefix);
  const start = { key: Buffer.from(prefix), born: BEFORE_KEY };
  let at: Position = from !== undefined && Buffer.compare(from.key, start.key) >= 0 ? from : start;
  let last: Version | string | undefined;
  const end = (next: Position | undefined): Walked => ({ versions, folders, last, next });
  if (limit === 0) return end(undefined);
  for (;;) {
    const batch = fetch(at, until, delimiter === undefined ? BATCH : BATCH_OF_FOLDERS);
    if (batch.length === 0) return end(undefined);
    for (const version of batch) {
      const key = Buffer.from(version.key);
      if (Buffer.compare(key, at.key) < 0) continue; // in a folder that this batch rolled up
      if (versions.length + folders.length === limit) return end({ key, born: version.born });
      const folder = folderOf(version.key, prefix, delimiter);
      if (folder === undefined) versions.push(version);
      else folders.push(folder);
      at = folder === undefined ? { key, born: version.born - 1 } : afterFolder(folder);
      last = folder ?? version;
    }
  }
};

/** The common prefix that a key is rolled up into: up to the first delimiter behind the prefix. */
export const folderOf = (key: string, prefix: string, delimiter: string | undefined): string | undefined => {
  if (delimiter === undefined || !key.startsWith(prefix)) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
};

/** The position behind everything in a folder. */
export const afterFolder = (folder: string): Position => ({ key: successor(folder), born: BEFORE_KEY });

// UTF-8 has no byte 0xff: the last byte can always be raised.
const successor = (prefix: string): Buffer => {
  const bytes = Buffer.from(prefix);
  if (bytes.length === 0) return Buffer.from([0xff]);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) + 1;
  return bytes;
};
