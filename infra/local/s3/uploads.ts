import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { ALGORITHMS } from './checksums.ts';
import { keyColumn, storedHeaders } from './versions.ts';

const uploadRow = z.object({
  upload: z.string(),
  born: z.number(),
  bucket: z.string(),
  key: keyColumn,
  initiated: z.number(),
  headers: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(storedHeaders),
  algorithm: z.enum(ALGORITHMS).nullable(),
  type: z.enum(['FULL_OBJECT', 'COMPOSITE']).nullable(),
});

/** An open multipart upload. */
export type Upload = z.infer<typeof uploadRow>;

const partRow = z.object({
  number: z.number(),
  blob: z.string(),
  size: z.number(),
  etag: z.string(),
  modified: z.number(),
  checksum: z.string().nullable(),
});

/** An uploaded part; its ETag is the MD5 in hexadecimal, its checksum base64. */
export type Part = z.infer<typeof partRow>;

const completedRow = z.object({ parts: z.string(), reply: z.string() });

export interface Uploads {
  start(upload: Omit<Upload, 'upload'>): string;
  find(bucket: string, key: string, upload: string): Upload | undefined;
  /** Open uploads after a key and an upload, by key and then upload id. */
  list(bucket: string, after: { key: string; upload: string }, prefix: string, limit: number): Upload[];
  parts(upload: string, after: number, limit: number): Part[];
  /** Puts a part in the place of an earlier one of its number, whose blob is answered. */
  addPart(upload: string, part: Part): string[];
  /** Forgets an upload and its parts, whose blobs are answered. */
  remove(upload: string): string[];
  /** Keeps what a completion answered, for repeats of the same request. */
  rememberReply(upload: string, parts: string, reply: string, now: number): void;
  replyOf(upload: string): { parts: string; reply: string } | undefined;
}

/** How long a repeated completion is answered as the first one was. */
const REMEMBERED_MS = 24 * 3600 * 1000;

const prepare = (db: DatabaseSync) => ({
  insert: db.prepare(
    'INSERT INTO uploads (upload, born, bucket, key, initiated, headers, algorithm, type) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ),
  find: db.prepare('SELECT * FROM uploads WHERE upload = ? AND bucket = ? AND key = ?'),
  list: db.prepare(
    'SELECT * FROM uploads WHERE bucket = ? AND (key > ? OR (key = ? AND upload > ?)) AND substr(key, 1, ?) = ? ORDER BY key, upload LIMIT ?',
  ),
  parts: db.prepare('SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?'),
  part: db.prepare('SELECT * FROM parts WHERE upload = ? AND number = ?'),
  putPart: db.prepare(
    'INSERT OR REPLACE INTO parts (upload, number, blob, size, etag, modified, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  removeParts: db.prepare('DELETE FROM parts WHERE upload = ?'),
  remove: db.prepare('DELETE FROM uploads WHERE upload = ?'),
  remember: db.prepare('INSERT INTO completed_uploads (upload, at, parts, reply) VALUES (?, ?, ?, ?)'),
  forget: db.prepare('DELETE FROM completed_uploads WHERE at < ?'),
  recall: db.prepare('SELECT parts, reply FROM completed_uploads WHERE upload = ?'),
});

/** The tables of open uploads; whoever writes holds the transaction. */
export const openUploads = (db: DatabaseSync): Uploads => {
  const sql = prepare(db);
  const parts = (upload: string, after: number, limit: number): Part[] =>
    sql.parts.all(upload, after, limit).map((row) => partRow.parse(row));
  return {
    parts,
    start: (u) => {
      const upload = randomBytes(32).toString('hex');
      const [key, headers] = [Buffer.from(u.key), JSON.stringify(u.headers)];
      sql.insert.run(upload, u.born, u.bucket, key, u.initiated, headers, u.algorithm, u.type);
      return upload;
    },
    find: (bucket, key, upload) => uploadRow.optional().parse(sql.find.get(upload, bucket, Buffer.from(key))),
    list: (bucket, after, prefix, limit) => {
      const [key, start] = [Buffer.from(after.key), Buffer.from(prefix)];
      const rows = sql.list.all(bucket, key, key, after.upload, start.length, start, limit);
      return rows.map((row) => uploadRow.parse(row));
    },
    addPart: (upload, p) => {
      const earlier = partRow.optional().parse(sql.part.get(upload, p.number));
      sql.putPart.run(upload, p.number, p.blob, p.size, p.etag, p.modified, p.checksum);
      return earlier === undefined ? [] : [earlier.blob];
    },
    remove: (upload) => {
      const blobs = parts(upload, 0, -1).map(({ blob }) => blob);
      sql.removeParts.run(upload);
      sql.remove.run(upload);
      return blobs;
    },
    rememberReply: (upload, list, reply, now) => {
      sql.forget.run(now - REMEMBERED_MS);
      sql.remember.run(upload, now, list, reply);
    },
    replyOf: (upload) => completedRow.optional().parse(sql.recall.get(upload)),
  };
};
