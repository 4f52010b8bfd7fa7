import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { Postgres } from '../postgres.ts';
import { StatementCancelled } from '../redshift-error.ts';
import type { Copy } from '../sql/copy.ts';
import { quoteTable, type TableName } from '../sql/reader.ts';
import { SqlRefused } from '../sql/refusal.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/tokens.ts';
import { isCharacter, type TargetColumn } from './field-check.ts';
import { FieldRefused, LoadFailed } from './load-error.ts';
import { type ManifestEntry, parseManifest } from './manifest.ts';
import type { ObjectSource } from './object-source.ts';
import { createRecordReader } from './record-reader.ts';

/** Postgres takes COPY data as one blob a time: larger ones only cost memory. */
const PIECE_BYTES = 8 * 2 ** 20;
/** Redshift's longest row (docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html). */
const MAX_RECORD_BYTES = 64 * 2 ** 20;
const MAX_MANIFEST_BYTES = 16 * 2 ** 20;

export interface CopyOptions {
  /** Called between two pieces; throws to stop the COPY. */
  checkpoint(): Promise<void>;
}

/** Loads the files of a COPY's manifest within the open transaction; gives the number of rows. Throws LoadFailed, SqlRefused. */
export const runCopy = async (
  copy: Copy,
  postgres: Postgres,
  objects: ObjectSource,
  options: CopyOptions,
): Promise<number> => {
  const columns = await readTargetColumns(postgres, copy);
  const entries = await readManifest(copy, objects);
  let rows = 0;
  for (const entry of entries) {
    const body = await objects.read(entry.bucket, entry.key, copy.role);
    if (body === undefined) {
      if (entry.isMandatory)
        throw new SqlRefused(`Mandatory file ${entry.url} of the manifest does not exist`);
      continue;
    }
    rows += await loadFile(copy, columns, entry, body, postgres, options);
  }
  return rows;
};

const readManifest = async (copy: Copy, objects: ObjectSource): Promise<readonly ManifestEntry[]> => {
  const { bucket, key } = copy.manifest;
  const url = `s3://${bucket}/${key}`;
  const body = await objects.read(bucket, key, copy.role);
  if (body === undefined) throw new SqlRefused(`The specified S3 object '${url}' does not exist`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_MANIFEST_BYTES)
      throw new SqlRefused(`manifest ${url} is over ${MAX_MANIFEST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return parseManifest(url, Buffer.concat(chunks).toString());
};

const loadFile = async (
  copy: Copy,
  columns: readonly TargetColumn[],
  entry: ManifestEntry,
  body: Readable,
  postgres: Postgres,
  options: CopyOptions,
): Promise<number> => {
  const reader = createRecordReader(columns, copy.nullAs);
  const text = toCopyText(copy, columns);
  let rows = 0;
  let rest: Buffer = Buffer.alloc(0);
  const load = async (chunks: readonly Buffer[], isLast: boolean): Promise<void> => {
    await options.checkpoint();
    const piece = Buffer.concat([rest, ...chunks]);
    const records = reader.read(piece, isLast);
    if (records.count > 0) await postgres.copyIn(text, records.parts);
    rows += records.count;
    rest = piece.subarray(records.taken);
    if (rest.length > MAX_RECORD_BYTES)
      throw new SqlRefused(`a row of ${entry.url} is over ${MAX_RECORD_BYTES} bytes`);
  };
  try {
    await pipeline(body, createZstdDecompress(), (source: AsyncIterable<Buffer>) => inPieces(source, load));
  } catch (cause) {
    if (cause instanceof FieldRefused) {
      throw new LoadFailed(copy.table.name, { fileName: entry.url, ...cause.place });
    }
    if (cause instanceof StatementCancelled || !(cause instanceof Error)) throw cause;
    throw new SqlRefused(`${cause.message} (in ${entry.url})`, { cause });
  }
  return rows;
};

const inPieces = async (
  source: AsyncIterable<Buffer>,
  take: (chunks: readonly Buffer[], isLast: boolean) => Promise<void>,
): Promise<void> => {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < PIECE_BYTES) continue;
    await take(chunks, false);
    [chunks, bytes] = [[], 0];
  }
  await take(chunks, true);
};

const toCopyText = (copy: Copy, columns: readonly TargetColumn[]): string => {
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ');
  return `COPY ${quoteTable(copy.table)} (${list}) FROM '/dev/blob' WITH (FORMAT csv, NULL ${quoteLiteral(copy.nullAs)})`;
};

/** The target's columns in file order. Throws SqlRefused for a column that it does not have. */
const readTargetColumns = async (postgres: Postgres, copy: Copy): Promise<readonly TargetColumn[]> => {
  const all = await readColumns(postgres, copy.table);
  const chosen = copy.columns ?? all.map((column) => column.name);
  return chosen.map((name) => {
    const column = all.find((one) => one.name === name);
    if (column === undefined) {
      throw new SqlRefused(`column "${name}" of relation "${copy.table.name}" does not exist`);
    }
    return column;
  });
};

/** Reads a table's columns from the catalog; atttypmod holds the length, or precision and scale, plus 4. */
export const readColumns = async (postgres: Postgres, table: TableName): Promise<readonly TargetColumn[]> => {
  const { rows } = await postgres.query(
    `SELECT a.attname, t.typname, a.atttypmod, a.attnotnull FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = ${quoteLiteral(quoteTable(table))}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  return rows.map(([name, type, typmod, notNull]) => {
    const size = Number(typmod) - 4;
    const column = { name: name ?? '', type: type ?? '', isNotNull: notNull === 't' };
    const isDecimal = column.type === 'numeric' && size >= 0;
    return {
      ...column,
      length: isCharacter({ ...column, length: 0, precision: 0, scale: 0 }) ? size : undefined,
      precision: isDecimal ? size >> 16 : undefined,
      scale: isDecimal ? size & 0x7ff : undefined,
    };
  });
};
