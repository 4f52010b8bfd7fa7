import { type Call, header, type Reply } from './call.ts';
import { checksumElement } from './checksums.ts';
import { findVersion } from './get-object.ts';
import { versionHeaders } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import type { Version } from './versions.ts';
import { type Element, toXml } from './xml.ts';

/** GetObjectTagging: no request that sets tags is taken, so there are none. */
export const getObjectTagging = async (call: Call): Promise<Reply> => ({
  status: 200,
  headers: versionHeaders(call, findVersion(call)),
  body: toXml('Tagging', [['TagSet', []]]),
});

/** What GetObjectAttributes can be asked for (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html). */
const ATTRIBUTES: Readonly<Record<string, (version: Version) => Element>> = {
  ETag: ({ etag }) => ['ETag', etag],
  Checksum: ({ checksum }) => [
    'Checksum',
    checksum === null
      ? undefined
      : [
          [checksumElement(checksum.algorithm), checksum.value],
          ['ChecksumType', checksum.type],
        ],
  ],
  ObjectParts: (version) => ['ObjectParts', partsOf(version)],
  ObjectSize: ({ size }) => ['ObjectSize', size],
  StorageClass: () => ['StorageClass', 'STANDARD'],
};

/** GetObjectAttributes. Throws S3Error for an attribute that S3 does not have. */
export const getObjectAttributes = async (call: Call): Promise<Reply> => {
  const version = findVersion(call);
  const asked = (header(call, 'x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const attributes = asked.map((name) => {
    const attribute = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    if (attribute !== undefined) return attribute(version);
    const allowed = Object.keys(ATTRIBUTES).join(', ');
    throw new S3Error('InvalidArgument', `x-amz-object-attributes has ${name}, allowed are ${allowed}`);
  });
  return {
    status: 200,
    headers: { ...versionHeaders(call, version), 'last-modified': new Date(version.modified).toUTCString() },
    body: toXml('GetObjectAttributesResponse', attributes),
  };
};

/** An ETag says of how many parts its object was made. Parts are listed only where they have checksums, which are not kept here. */
const partsOf = ({ etag, checksum }: Version): readonly Element[] | undefined => {
  const count = /-(\d+)$/.exec(etag)?.[1];
  if (count === undefined) return undefined;
  if (checksum === null) return [['PartsCount', count]];
  throw new S3Error('NotImplemented', 'not part of the local S3: ObjectParts of an upload with checksums');
};
