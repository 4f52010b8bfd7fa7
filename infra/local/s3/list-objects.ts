import type { Call, Reply } from './call.ts';
import { ownerOf } from './describe-bucket.ts';
import { quoted } from './object-headers.ts';
import { encoder, numberParameter } from './parameters.ts';
import { S3Error } from './s3-error.ts';
import type { Position, Version } from './versions.ts';
import { afterFolder, BEFORE_KEY, BEHIND_KEY, folderOf, walk } from './walk.ts';
import { type Element, toXml } from './xml.ts';

/** Entries on one page of a listing, at most (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html, MaxKeys). */
const MAX_KEYS = 1000;

/** What all listings take. Throws S3Error. */
export const readListing = (query: URLSearchParams) => ({
  encode: encoder(query),
  prefix: query.get('prefix') ?? '',
  delimiter: query.get('delimiter') || undefined,
  limit: Math.min(numberParameter(query, 'max-keys', MAX_KEYS), MAX_KEYS),
});

/** ListObjectsV2: current versions in the order of their keys' UTF-8 bytes. */
export const listObjectsV2 = async (call: Call): Promise<Reply> => {
  const { query, bucket } = call;
  const { encode, prefix, delimiter, limit } = readListing(query);
  const token = query.get('continuation-token') ?? undefined;
  const startAfter = query.get('start-after') ?? undefined;
  const owner: readonly Element[] = query.get('fetch-owner') === 'true' ? [['Owner', ownerOf(call)]] : [];
  const page = walk({
    prefix,
    delimiter,
    from: startOfPage(token, startAfter),
    limit,
    fetch: (from, until, count) => call.store.versions.listCurrent(bucket.name, from, until, count),
  });
  const next = page.next && Buffer.from(page.next.key).toString('base64url');
  return xmlReply('ListBucketResult', [
    ['Name', bucket.name],
    ['Prefix', encode(prefix)],
    ['MaxKeys', limit],
    ['KeyCount', page.versions.length + page.folders.length],
    ['Delimiter', delimiter && encode(delimiter)],
    ['EncodingType', query.get('encoding-type') ?? undefined],
    ['StartAfter', startAfter && encode(startAfter)],
    ['ContinuationToken', token],
    ['IsTruncated', next !== undefined],
    ['NextContinuationToken', next],
    ...page.versions.map((version): Element => ['Contents', [...describe(version, encode), ...owner]]),
    ...page.folders.map((folder): Element => ['CommonPrefixes', [['Prefix', encode(folder)]]]),
  ]);
};

// A token is the first key of its page; it decides over start-after (API_ListObjectsV2).
const startOfPage = (token: string | undefined, startAfter: string | undefined): Position | undefined => {
  if (token !== undefined) {
    const key = Buffer.from(token, 'base64url');
    if (key.length > 0 && key.toString('base64url') === token) return { key, born: BEFORE_KEY };
    throw new S3Error('InvalidArgument', 'the continuation token provided is incorrect');
  }
  return startAfter === undefined ? undefined : { key: Buffer.from(startAfter), born: BEHIND_KEY };
};

/** ListObjectVersions: all versions and delete markers, by key, the newest of a key first. */
export const listObjectVersions = async (call: Call): Promise<Reply> => {
  const { query, bucket } = call;
  const { encode, prefix, delimiter, limit } = readListing(query);
  const page = walk({
    prefix,
    delimiter,
    from: startOfVersions(call, prefix, delimiter),
    limit,
    fetch: (from, until, count) => call.store.versions.list(bucket.name, from, until, count),
  });
  const isFolder = typeof page.last === 'string';
  const lastKey = typeof page.last === 'string' ? page.last : page.last?.key;
  const lastVersion = typeof page.last === 'string' ? undefined : page.last?.version;
  const isTruncated = page.next !== undefined;
  return xmlReply('ListVersionsResult', [
    ['Name', bucket.name],
    ['Prefix', encode(prefix)],
    ['KeyMarker', encode(query.get('key-marker') ?? '')],
    ['VersionIdMarker', query.get('version-id-marker') ?? ''],
    ['MaxKeys', limit],
    ['Delimiter', delimiter && encode(delimiter)],
    ['EncodingType', query.get('encoding-type') ?? undefined],
    ['IsTruncated', isTruncated],
    ['NextKeyMarker', isTruncated && lastKey !== undefined ? encode(lastKey) : undefined],
    ['NextVersionIdMarker', isTruncated && !isFolder ? lastVersion : undefined],
    ...page.versions.map(
      (version): Element => [
        version.is_marker ? 'DeleteMarker' : 'Version',
        [['VersionId', version.version], ['IsLatest', version.is_latest], ...describe(version, encode)],
      ],
    ),
    ...page.folders.map((folder): Element => ['CommonPrefixes', [['Prefix', encode(folder)]]]),
  ]);
};

// Markers name the last entry of the page before, which may be a folder (API_ListObjectVersions).
const startOfVersions = (call: Call, prefix: string, delimiter: string | undefined): Position | undefined => {
  const key = call.query.get('key-marker') ?? '';
  const id = call.query.get('version-id-marker') ?? '';
  if (id !== '') {
    const version = key === '' ? undefined : call.store.versions.find(call.bucket.name, key, id);
    if (version === undefined)
      throw new S3Error('InvalidArgument', 'version-id-marker names no version of key-marker');
    return { key: Buffer.from(key), born: version.born - 1 };
  }
  if (key === '') return undefined;
  return folderOf(key, prefix, delimiter) === key
    ? afterFolder(key)
    : { key: Buffer.from(key), born: BEHIND_KEY };
};

/** What listings say of a version. */
export const describe = (version: Version, encode: (text: string) => string): Element[] => {
  const named: Element[] = [
    ['Key', encode(version.key)],
    ['LastModified', lastModified(version.modified)],
  ];
  if (version.is_marker) return named;
  return [
    ...named,
    ['ETag', quoted(version.etag)],
    ['ChecksumAlgorithm', version.checksum?.algorithm],
    ['ChecksumType', version.checksum?.type],
    ['Size', version.size],
    ['StorageClass', 'STANDARD'],
  ];
};

// S3 lists whole seconds, as the Last-Modified header has them.
const lastModified = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();

export const xmlReply = (root: string, children: readonly Element[]): Reply => ({
  status: 200,
  body: toXml(root, children),
});
