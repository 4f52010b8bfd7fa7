import type { Call, Reply } from './call.ts';
import { ownerOf } from './describe-bucket.ts';
import { describe, readListing, xmlReply } from './list-objects.ts';
import { afterFolder, BEHIND_KEY, folderOf, walk } from './walk.ts';
import type { Element } from './xml.ts';

/** ListObjects, the first version: a page goes on behind the marker, which may be a folder. */
export const listObjects = async (call: Call): Promise<Reply> => {
  const { query, bucket } = call;
  const { encode, prefix, delimiter, limit } = readListing(query);
  const marker = query.get('marker') ?? '';
  const page = walk({
    prefix,
    delimiter,
    from:
      folderOf(marker, prefix, delimiter) === marker
        ? afterFolder(marker)
        : { key: Buffer.from(marker), born: BEHIND_KEY },
    limit,
    fetch: (from, until, count) => call.store.versions.listCurrent(bucket.name, from, until, count),
  });
  const isTruncated = page.next !== undefined;
  const last = typeof page.last === 'string' ? page.last : page.last?.key;
  return xmlReply('ListBucketResult', [
    ['Name', bucket.name],
    ['Prefix', encode(prefix)],
    ['Marker', encode(marker)],
    ['MaxKeys', limit],
    ['Delimiter', delimiter && encode(delimiter)],
    ['EncodingType', query.get('encoding-type') ?? undefined],
    ['IsTruncated', isTruncated],
    // Without a delimiter the last key is the marker (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html, NextMarker).
    ['NextMarker', isTruncated && delimiter !== undefined && last !== undefined ? encode(last) : undefined],
    ...page.versions.map(
      (version): Element => ['Contents', [...describe(version, encode), ['Owner', ownerOf(call)]]],
    ),
    ...page.folders.map((folder): Element => ['CommonPrefixes', [['Prefix', encode(folder)]]]),
  ]);
};
