import { randomBytes, randomUUID } from 'node:crypto';
import type { BusEvent } from '../ipc.ts';
import type { Call, Context } from './call.ts';
import type { Version } from './versions.ts';

/**
 * The events that S3 sends to EventBridge (docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html). Each is journaled in the
 * transaction that it tells of; a bucket without EventBridge has none. Keys are given as they are, not URL-encoded.
 */

export type CreatedReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';

/** Journals `Object Created`. */
export const recordCreated = (call: Call, version: Version, reason: CreatedReason): void => {
  const object = { size: version.size, etag: version.etag };
  record(call, 'Object Created', version.key, version.version, object, { ...requestOf(call), reason });
};

export type DeletionType = 'Permanently Deleted' | 'Delete Marker Created';

/** Journals `Object Deleted`. */
export const recordDeleted = (call: Call, key: string, version: string, type: DeletionType): void => {
  const detail = { ...requestOf(call), reason: 'DeleteObject', 'deletion-type': type };
  record(call, 'Object Deleted', key, version, {}, detail);
};

/** Journals `Object Deleted` of a version that a lifecycle rule removed: no request, and no address, asked for it. */
export const recordExpired = (bucket: Context & Pick<Call, 'bucket'>, version: Version): void => {
  const detail = {
    'request-id': randomBytes(8).toString('hex').toUpperCase(),
    requester: 's3.amazonaws.com',
    reason: 'Lifecycle Expiration',
    'deletion-type': 'Permanently Deleted',
  };
  record(bucket, 'Object Deleted', version.key, version.version, {}, detail);
};

const requestOf = (call: Call) => ({
  'request-id': call.requestId,
  requester: call.account,
  'source-ip-address': call.sourceAddress,
});

const record = (
  call: Context & Pick<Call, 'bucket'>,
  detailType: string,
  key: string,
  version: string,
  object: Readonly<Record<string, unknown>>,
  detail: Readonly<Record<string, unknown>>,
): void => {
  if (!call.bucket.hasEventBridge) return;
  const event: BusEvent = {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source: 'aws.s3',
    account: call.account,
    time: new Date(call.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: call.region,
    resources: [`arn:aws:s3:::${call.bucket.name}`],
    detail: {
      version: '0',
      'event-version': '1.2',
      bucket: { name: call.bucket.name },
      object: {
        key,
        ...object,
        ...(call.bucket.isVersioned ? { 'version-id': version } : {}),
        sequencer: call.store.tick().toString(16).toUpperCase().padStart(18, '0'),
      },
      ...detail,
    },
  };
  call.store.outbox.add(event);
};
