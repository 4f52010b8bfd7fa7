import * as z from 'zod';
import { recordDeleted } from './bucket-events.ts';
import type { Call, Reply } from './call.ts';
import { addVersion, freshVersion } from './put-object.ts';
import { receiveText } from './receive-body.ts';
import { deleteRefusal } from './rights.ts';
import { S3Error } from './s3-error.ts';
import { NULL_VERSION } from './versions.ts';
import { type Element, parseXml, toXml } from './xml.ts';

/** Keys in one DeleteObjects (docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html). */
const MAX_KEYS = 1000;
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** DeleteObject: puts a delete marker on the key, or removes the named version for good. */
export const deleteObject = async (call: Call): Promise<Reply> => {
  const deletion = call.store.commit(() => removeOne(call, call.query.get('versionId') ?? undefined));
  return {
    status: 204,
    headers: {
      'x-amz-version-id': deletion.marker ?? deletion.version,
      'x-amz-delete-marker': deletion.marker === undefined ? undefined : 'true',
    },
  };
};

const text = z.union([z.string(), z.number().transform(String)]);
const deleteDocument = z.strictObject({
  Delete: z.strictObject({
    Quiet: z.enum(['true', 'false']).optional(),
    Object: z
      .array(z.strictObject({ Key: text, VersionId: text.optional() }))
      .min(1)
      .max(MAX_KEYS),
  }),
});

/** DeleteObjects: up to 1,000 deletions, which need a digest of the list. */
export const deleteObjects = async (call: Call): Promise<Reply> => {
  const hasDigest = Object.keys(call.headers).some((name) =>
    /^(content-md5|x-amz-checksum-|x-amz-trailer)/.test(name),
  );
  if (!hasDigest)
    throw new S3Error('InvalidRequest', 'missing required header for this request: Content-MD5');
  const body = deleteDocument.safeParse(parseXml(await receiveText(call, MAX_DOCUMENT_BYTES), ['Object']));
  if (!body.success) throw new S3Error('MalformedXML', z.prettifyError(body.error));
  const { Object: objects, Quiet } = body.data.Delete;
  const refusals = objects.map(({ Key, VersionId }) =>
    deleteRefusal(call.caller, { ...call, key: Key }, VersionId !== undefined),
  );
  const deletions = call.store.commit(() =>
    objects
      .filter((_, at) => refusals[at] === undefined)
      .map(({ Key, VersionId }) => ({ Key, VersionId, ...removeOne({ ...call, key: Key }, VersionId) })),
  );
  const refused = objects.flatMap(({ Key, VersionId }, at) =>
    refusals[at] === undefined ? [] : [toRefusal(Key, VersionId, refusals[at])],
  );
  const deleted = deletions.map(
    (d): Element => [
      'Deleted',
      [
        ['Key', d.Key],
        ['VersionId', d.VersionId],
        ['DeleteMarker', d.marker === undefined ? undefined : true],
        ['DeleteMarkerVersionId', d.marker],
      ],
    ],
  );
  const listed = Quiet === 'true' ? refused : [...deleted, ...refused];
  return { status: 200, body: toXml('DeleteResult', listed) };
};

const toRefusal = (key: string, version: string | undefined, message: string): Element => [
  'Error',
  [
    ['Key', key],
    ['VersionId', version],
    ['Code', 'AccessDenied'],
    ['Message', message],
  ],
];

interface Deletion {
  /** The version removed for good. */
  readonly version?: string | undefined;
  /** The version id of the delete marker that was made or removed. */
  readonly marker?: string | undefined;
}

/** How deleting works with versions: docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html. */
const removeOne = (call: Call, id: string | undefined): Deletion => {
  const { versions, blobs } = call.store;
  if (id === undefined && call.bucket.isVersioned) {
    const marker = { ...freshVersion(call), is_marker: true, etag: '', size: 0, headers: {}, checksum: null };
    addVersion(call, { ...marker, blobs: [] });
    recordDeleted(call, call.key, marker.version, 'Delete Marker Created');
    return { marker: marker.version };
  }
  const version = versions.find(call.bucket.name, call.key, id ?? NULL_VERSION);
  if (version === undefined) return { version: id };
  blobs.release(versions.remove(call.bucket.name, call.key, version));
  recordDeleted(call, call.key, version.version, 'Permanently Deleted');
  return { version: id, marker: version.is_marker ? version.version : undefined };
};
