import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { COLUMNS, type Version, versionRow } from './versions.ts';

/** What the rules of a lifecycle find: at most `limit` at once. Times are epoch milliseconds. */
export interface Due {
  /** Open uploads initiated before a time. */
  uploads(bucket: string, before: number, limit: number): string[];
  /** Versions whose successor, which hid them, was put before a time. */
  noncurrent(bucket: string, before: number, limit: number): Version[];
  /** Current versions put before a time. */
  current(bucket: string, before: number, limit: number): Version[];
  /** Delete markers that are the only version of their key. */
  loneMarkers(bucket: string, limit: number): Version[];
}

const SUCCESSOR = `SELECT modified FROM versions AS newer
  WHERE newer.bucket = versions.bucket AND newer.key = versions.key AND newer.born > versions.born ORDER BY newer.born LIMIT 1`;
const SIBLING = `SELECT 1 FROM versions AS other
  WHERE other.bucket = versions.bucket AND other.key = versions.key AND other.born <> versions.born`;

const upload = z.object({ upload: z.string() });

export const openDue = (db: DatabaseSync): Due => {
  const uploads = db.prepare('SELECT upload FROM uploads WHERE bucket = ? AND initiated < ? LIMIT ?');
  const select = (condition: string) =>
    db.prepare(`SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND ${condition} LIMIT ?`);
  const noncurrent = select(`is_latest = 0 AND (${SUCCESSOR}) < ?`);
  const current = select('is_latest = 1 AND modified < ?');
  const loneMarkers = select(`is_latest = 1 AND is_marker = 1 AND NOT EXISTS (${SIBLING})`);
  const toVersions = (rows: readonly unknown[]): Version[] => rows.map((row) => versionRow.parse(row));
  return {
    uploads: (...of) => uploads.all(...of).map((row) => upload.parse(row).upload),
    noncurrent: (...of) => toVersions(noncurrent.all(...of)),
    current: (...of) => toVersions(current.all(...of)),
    loneMarkers: (...of) => toVersions(loneMarkers.all(...of)),
  };
};
