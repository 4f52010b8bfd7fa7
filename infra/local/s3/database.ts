import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../open-sqlite.ts';

/**
 * The index of the store. Keys are blobs, so that they sort by their UTF-8 bytes as S3 lists them. `born` orders the
 * versions of a key: a put draws it at its commit, a multipart upload when it is started (of two uploads the one started last is
 * current: docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html).
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS clock (n INTEGER NOT NULL);
  INSERT INTO clock SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock);

  CREATE TABLE IF NOT EXISTS versions (
    born INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT NOT NULL,
    is_marker INTEGER NOT NULL, is_latest INTEGER NOT NULL,
    etag TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_age ON versions (bucket, key, born DESC);
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version);
  CREATE UNIQUE INDEX IF NOT EXISTS current_versions ON versions (bucket, key) WHERE is_latest = 1;

  CREATE TABLE IF NOT EXISTS version_blobs (
    born INTEGER NOT NULL, position INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (born, position)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS version_blobs_by_blob ON version_blobs (blob);
  CREATE TABLE IF NOT EXISTS small_blobs (blob TEXT PRIMARY KEY, bytes BLOB NOT NULL);

  CREATE TABLE IF NOT EXISTS uploads (
    upload TEXT PRIMARY KEY, born INTEGER NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL,
    initiated INTEGER NOT NULL, headers TEXT NOT NULL, algorithm TEXT, type TEXT);
  CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, upload);
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, checksum TEXT, PRIMARY KEY (upload, number)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS parts_by_blob ON parts (blob);
  CREATE TABLE IF NOT EXISTS completed_uploads (
    upload TEXT PRIMARY KEY, at INTEGER NOT NULL, parts TEXT NOT NULL, reply TEXT NOT NULL);
`;

/**
 * Opens the index. It is held exclusively: a second process waits for the first one's end, so a child that outlives
 * its killed parent by a moment cannot meet its successor. WAL without a sync per commit: what is answered survives a
 * kill of the process; after a power cut the index is consistent but may lack the last moments.
 */
export const openDatabase = (path: string): DatabaseSync => {
  const folder = dirname(path);
  const db = openSqlite(path, {
    data: dirname(folder),
    madeAfter: join(folder, 'blobs'),
    patienceMs: 10_000,
  });
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;');
  db.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE;');
  db.exec(SCHEMA);
  db.exec('COMMIT');
  return db;
};

/** Runs `work` in one transaction: all of it is committed, or nothing when it throws. */
export const transact = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (cause) {
    db.exec('ROLLBACK');
    throw cause;
  }
};
