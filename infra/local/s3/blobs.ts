import { randomUUID } from 'node:crypto';
import { createReadStream, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { makePrivateFolder, PRIVATE_FILE } from '../private-files.ts';
import { checkBlobs } from './check-blobs.ts';

/** Bodies up to this size live in the index itself: a record costs one commit and no file. */
const SMALL_BYTES = 32 * 1024;
const READ_BYTES = 1024 * 1024;

/** Bytes received and not yet part of anything. */
export interface StagedBlob {
  readonly blob: string;
  readonly size: number;
  /** The bytes themselves while they are small; else they are in a file. */
  readonly small: Buffer | undefined;
}

export interface BlobRef {
  readonly blob: string;
  readonly size: number;
}

/** Immutable stretches of bytes. Index rows refer to them; whatever no row refers to is an orphan. */
export interface Blobs {
  /** Takes a stream in, holding little of it. When it fails, nothing stays. */
  receive(source: AsyncIterable<Buffer>): Promise<StagedBlob>;
  /** Removes staged bytes that did not get into the index. */
  abandon(staged: StagedBlob): Promise<void>;
  /** Makes staged bytes durable. Call it inside the transaction that refers to them. */
  keep(staged: StagedBlob): BlobRef;
  /** Forgets blobs that no row refers to any more. Call it inside the transaction that dropped the rows. */
  release(blobs: readonly string[]): void;
  /** Unlinks, after the commit, what was released; files that are being read wait for their readers. */
  unlinkReleased(): void;
  /** Opens bytes `[from, to)` of a list of blobs, which stay readable until `done` is called, whatever happens to them. */
  open(
    refs: readonly BlobRef[],
    from: number,
    to: number,
  ): { bytes: AsyncIterable<Buffer>; done: () => void };
}

/** Opens the blobs of a store's folder; orphans of a killed process are swept. Throws TerminalError where one is gone. */
export const openBlobs = (dir: string, db: DatabaseSync): Blobs => {
  const pathOf = (blob: string): string => join(dir, blob.slice(0, 2), blob);
  checkBlobs(dir, db, pathOf);
  makePrivateFolder(dir);
  sweepOrphans(dir, db);
  const addSmall = db.prepare('INSERT INTO small_blobs (blob, bytes) VALUES (?, ?)');
  const removeSmall = db.prepare('DELETE FROM small_blobs WHERE blob = ?');
  const readSmall = db.prepare('SELECT bytes FROM small_blobs WHERE blob = ?');
  const isReferred = referredBy(db);
  const doomed = doomedFiles((blob) => {
    // A blob of a transaction that was rolled back is still referred to.
    if (!isReferred(blob)) rmSync(pathOf(blob), { force: true });
  });
  return {
    receive: (source) => receive(source, pathOf),
    abandon: async ({ blob, small }) => {
      if (small === undefined && !isReferred(blob)) await rm(pathOf(blob), { force: true });
    },
    keep: ({ blob, size, small }) => {
      if (small !== undefined) addSmall.run(blob, small);
      return { blob, size };
    },
    release: (blobs) => {
      for (const blob of blobs) {
        if (!isReferred(blob) && removeSmall.run(blob).changes === 0) doomed.add(blob);
      }
    },
    unlinkReleased: doomed.unlink,
    open: (refs, from, to) => {
      const stretches = stretchesOf(refs, from, to).map((stretch) => ({
        ...stretch,
        small: toBuffer(readSmall.get(stretch.blob)?.bytes),
      }));
      const done = doomed.hold(stretches.map(({ blob }) => blob));
      return { bytes: readStretches(stretches, pathOf), done };
    },
  };
};

/** Files to unlink, once their last reader is done. */
const doomedFiles = (unlinkFile: (blob: string) => void) => {
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const unlink = (): void => {
    for (const blob of doomed) {
      if (readers.has(blob)) continue;
      doomed.delete(blob);
      unlinkFile(blob);
    }
  };
  return {
    unlink,
    add: (blob: string): void => void doomed.add(blob),
    /** Keeps files until the answer is called. */
    hold: (blobs: string[]): (() => void) => {
      for (const blob of blobs) readers.set(blob, (readers.get(blob) ?? 0) + 1);
      return () => {
        for (const blob of blobs.splice(0)) {
          const left = (readers.get(blob) ?? 1) - 1;
          if (left === 0) readers.delete(blob);
          else readers.set(blob, left);
        }
        unlink();
      };
    },
  };
};

interface Stretch {
  readonly blob: string;
  readonly start: number;
  readonly end: number;
}

/** Which bytes of which blobs make up `[from, to)` of the whole. */
const stretchesOf = (refs: readonly BlobRef[], from: number, to: number): Stretch[] => {
  let offset = 0;
  return refs.flatMap(({ blob, size }) => {
    const start = Math.max(from - offset, 0);
    const end = Math.min(to - offset, size);
    offset += size;
    return start < end ? [{ blob, start, end }] : [];
  });
};

async function* readStretches(
  stretches: readonly (Stretch & { small: Buffer | undefined })[],
  pathOf: (blob: string) => string,
): AsyncGenerator<Buffer> {
  for (const { blob, start, end, small } of stretches) {
    if (small !== undefined) yield small.subarray(start, end);
    else yield* createReadStream(pathOf(blob), { start, end: end - 1, highWaterMark: READ_BYTES });
  }
}

const receive = async (
  source: AsyncIterable<Buffer>,
  pathOf: (blob: string) => string,
): Promise<StagedBlob> => {
  const blob = randomUUID();
  const path = pathOf(blob);
  let small: Buffer[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      small.push(chunk);
      if (size <= SMALL_BYTES) continue;
      file ??= await create(path);
      await file.writev(small);
      small = [];
    }
    await file?.close();
    return { blob, size, small: file === undefined ? Buffer.concat(small) : undefined };
  } catch (cause) {
    await file?.close().catch(() => {});
    await rm(path, { force: true });
    throw cause;
  }
};

const create = async (path: string): Promise<FileHandle> => {
  makePrivateFolder(join(path, '..'));
  return open(path, 'wx', PRIVATE_FILE.mode);
};

const referredBy = (db: DatabaseSync): ((blob: string) => boolean) => {
  const find = db.prepare(
    'SELECT 1 FROM version_blobs WHERE blob = ? UNION ALL SELECT 1 FROM parts WHERE blob = ? LIMIT 1',
  );
  return (blob) => find.get(blob, blob) !== undefined;
};

const toBuffer = (bytes: unknown): Buffer | undefined =>
  bytes instanceof Uint8Array ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : undefined;

const sweepOrphans = (dir: string, db: DatabaseSync): void => {
  const isReferred = referredBy(db);
  for (const folder of readdirSync(dir)) {
    for (const blob of readdirSync(join(dir, folder))) {
      if (!isReferred(blob)) rmSync(join(dir, folder, blob), { force: true });
    }
  }
};
