import { randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import * as z from 'zod';
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

export const versionRow = z.object({
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

export const COLUMNS = 'born, key, version, is_marker, is_latest, etag, size, modified, headers, checksum';
const FROM = 'bucket = ? AND key >= ? AND (key > ? OR born <= ?) AND key < ?';

const prepare = (db: DatabaseSync) => ({
  current: db.prepare(`SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND is_latest = 1`),
  find: db.prepare(`SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND version = ?`),
  list: db.prepare(`SELECT ${COLUMNS} FROM versions WHERE ${FROM} ORDER BY key, born DESC LIMIT ?`),
  listCurrent: db.prepare(
    `SELECT ${COLUMNS} FROM versions WHERE ${FROM} AND is_latest = 1 AND is_marker = 0 ORDER BY key LIMIT ?`,
  ),
  insert: db.prepare(`INSERT INTO versions (bucket, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`),
  insertBlob: db.prepare('INSERT INTO version_blobs (born, position, blob, size) VALUES (?, ?, ?, ?)'),
  selectBlobs: db.prepare('SELECT blob, size FROM version_blobs WHERE born = ? ORDER BY position'),
  removeBlobs: db.prepare('DELETE FROM version_blobs WHERE born = ?'),
  remove: db.prepare('DELETE FROM versions WHERE born = ?'),
  demote: db.prepare('UPDATE versions SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1'),
  promote: db.prepare(
    'UPDATE versions SET is_latest = 1 WHERE born = (SELECT max(born) FROM versions WHERE bucket = ? AND key = ?)',
  ),
});

const blobRow = z.object({ blob: z.string(), size: z.number() });

/** The table of versions; whoever writes holds the transaction. */
export const openVersions = (db: DatabaseSync): Versions => {
  const sql = prepare(db);
  const blobsOf = (born: number): BlobRef[] => sql.selectBlobs.all(born).map((row) => blobRow.parse(row));
  const decideCurrent = (bucket: string, key: Buffer): void => {
    sql.demote.run(bucket, key);
    sql.promote.run(bucket, key);
  };
  const page = (statement: StatementSync, bucket: string, from: Position, until: Uint8Array, limit: number) =>
    statement.all(bucket, from.key, from.key, from.born, until, limit).map((row) => versionRow.parse(row));
  return {
    blobsOf,
    current: (bucket, key) => versionRow.optional().parse(sql.current.get(bucket, Buffer.from(key))),
    find: (bucket, key, id) => versionRow.optional().parse(sql.find.get(bucket, Buffer.from(key), id)),
    add: (v) => {
      const key = Buffer.from(v.key);
      const sum = v.checksum === null ? null : JSON.stringify(v.checksum);
      const [headers, isMarker] = [JSON.stringify(v.headers), v.is_marker ? 1 : 0];
      sql.insert.run(v.bucket, v.born, key, v.version, isMarker, v.etag, v.size, v.modified, headers, sum);
      v.blobs.forEach(({ blob, size }, position) => {
        sql.insertBlob.run(v.born, position, blob, size);
      });
      decideCurrent(v.bucket, key);
    },
    remove: (bucket, key, version) => {
      const blobs = blobsOf(version.born);
      sql.removeBlobs.run(version.born);
      sql.remove.run(version.born);
      decideCurrent(bucket, Buffer.from(key));
      return blobs.map(({ blob }) => blob);
    },
    list: (...at) => page(sql.list, ...at),
    listCurrent: (...at) => page(sql.listCurrent, ...at),
  };
};
