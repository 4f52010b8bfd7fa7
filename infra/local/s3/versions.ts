import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { BlobRef } from './blobs.ts';
import { ALGORITHMS } from './checksums.ts';

export const NULL_VERSION = 'null';

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

export const storedHeaders = z.record(z.string(), z.string());
export type StoredHeaders = z.infer<typeof storedHeaders>;

const checksum = z.object({
  algorithm: z.enum(ALGORITHMS),
  type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
  value: z.string(),
});

/** A key's bytes, as columns hold them. */
export const keyColumn = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('utf8'));
const flag = z.number().transform((n) => n === 1);

const versionRow = z.object({
  born: z.number(),
  key: keyColumn,
  version: z.string(),
  is_marker: flag,
  is_latest: flag,
  etag: z.string(),
  size: z.number(),
  modified: z.number(),
  headers: json(storedHeaders),
  checksum: json(checksum).nullable(),
});

/** A version of a key, or a delete marker. `modified` is in epoch milliseconds; the ETag has no quotes. */
export type Version = z.infer<typeof versionRow>;

export interface NewVersion extends Omit<Version, 'is_latest'> {
  readonly bucket: string;
  readonly blobs: readonly BlobRef[];
}

/** Where a listing stands: at the key, and in it at versions born up to `born`. */
export interface Position {
  readonly key: Uint8Array;
  readonly born: number;
}

export interface Versions {
  /** The newest version, which may be a delete marker. */
  current(bucket: string, key: string): Version | undefined;
  find(bucket: string, key: string, version: string): Version | undefined;
  blobsOf(born: number): BlobRef[];
  /** Adds a version and decides anew which one is current. */
  add(version: NewVersion): void;
  /** Removes a version for good and decides anew which one is current; the blobs it referred to are answered. */
  remove(bucket: string, key: string, version: Version): string[];
  /** Versions from a position on, by key, the newest first. */
  list(bucket: string, from: Position, until: Uint8Array, limit: number): Version[];
  /** As `list`, of current versions that are no delete markers. */
  listCurrent(bucket: string, from: Position, until: Uint8Array, limit: number): Version[];
}

/** A fresh version id, of the length and the letters that S3 gives. */
export const newVersionId = (): string => randomBytes(24).toString('base64url').replaceAll('-', '.');

const COLUMNS = 'born, key, version, is_marker, is_latest, etag, size, modified, headers, checksum';
const FROM = 'bucket = ? AND key >= ? AND (key > ? OR born <= ?) AND key < ?';

/** The table of versions; whoever writes holds the transaction. */
export const openVersions = (db: DatabaseSync): Versions => {
  const current = db.prepare(
    `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND is_latest = 1`,
  );
  const find = db.prepare(`SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND version = ?`);
  const list = db.prepare(`SELECT ${COLUMNS} FROM versions WHERE ${FROM} ORDER BY key, born DESC LIMIT ?`);
  const listCurrent = db.prepare(
    `SELECT ${COLUMNS} FROM versions WHERE ${FROM} AND is_latest = 1 AND is_marker = 0 ORDER BY key LIMIT ?`,
  );
  const insert = db.prepare(
    'INSERT INTO versions (born, bucket, key, version, is_marker, is_latest, etag, size, modified, headers, checksum) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)',
  );
  const insertBlob = db.prepare('INSERT INTO version_blobs (born, position, blob, size) VALUES (?, ?, ?, ?)');
  const selectBlobs = db.prepare('SELECT blob, size FROM version_blobs WHERE born = ? ORDER BY position');
  const removeBlobs = db.prepare('DELETE FROM version_blobs WHERE born = ?');
  const remove = db.prepare('DELETE FROM versions WHERE born = ?');
  const demote = db.prepare(
    'UPDATE versions SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1',
  );
  const promote = db.prepare(
    'UPDATE versions SET is_latest = 1 WHERE born = (SELECT max(born) FROM versions WHERE bucket = ? AND key = ?)',
  );
  const blobRow = z.object({ blob: z.string(), size: z.number() });

  const blobsOf = (born: number): BlobRef[] => selectBlobs.all(born).map((row) => blobRow.parse(row));
  const decideCurrent = (bucket: string, key: Buffer): void => {
    demote.run(bucket, key);
    promote.run(bucket, key);
  };
  return {
    blobsOf,
    current: (bucket, key) => versionRow.optional().parse(current.get(bucket, Buffer.from(key))),
    find: (bucket, key, version) => versionRow.optional().parse(find.get(bucket, Buffer.from(key), version)),
    add: (v) => {
      const key = Buffer.from(v.key);
      const sum = v.checksum === null ? null : JSON.stringify(v.checksum);
      const headers = JSON.stringify(v.headers);
      const isMarker = v.is_marker ? 1 : 0;
      insert.run(v.born, v.bucket, key, v.version, isMarker, v.etag, v.size, v.modified, headers, sum);
      v.blobs.forEach(({ blob, size }, position) => {
        insertBlob.run(v.born, position, blob, size);
      });
      decideCurrent(v.bucket, key);
    },
    remove: (bucket, key, version) => {
      const blobs = blobsOf(version.born);
      removeBlobs.run(version.born);
      remove.run(version.born);
      decideCurrent(bucket, Buffer.from(key));
      return blobs.map(({ blob }) => blob);
    },
    list: (bucket, from, until, limit) =>
      list.all(bucket, from.key, from.key, from.born, until, limit).map((row) => versionRow.parse(row)),
    listCurrent: (bucket, from, until, limit) =>
      listCurrent
        .all(bucket, from.key, from.key, from.born, until, limit)
        .map((row) => versionRow.parse(row)),
  };
};
