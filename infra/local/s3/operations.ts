import type { Call, Reply } from './call.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import {
  createBucket,
  getBucketLocation,
  getBucketNotification,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './describe-bucket.ts';
import { getObjectAttributes, getObjectTagging } from './describe-object.ts';
import { getObject, headObject, RESPONSE_PARAMETERS } from './get-object.ts';
import { listObjectsV2, listObjectVersions } from './list-objects.ts';
import { listObjects } from './list-objects-v1.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart-upload.ts';
import { putObject } from './put-object.ts';
import { uploadPartCopy } from './upload-part-copy.ts';

export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly on: 'account' | 'bucket' | 'object';
  /** Query parameters that make it this operation. */
  readonly when: readonly string[];
  /** Other query parameters that it honours; any other one is refused by name. */
  readonly takes: readonly string[];
  /** Headers of conditions and ranges that it honours; any other such one is refused by name. */
  readonly honours: readonly string[];
  /** Whether it is this operation only with, or only without, `x-amz-copy-source`. */
  readonly isCopy?: boolean;
  /** Whether it makes a new version of the key. */
  readonly isWrite?: boolean;
  run(call: Call): Promise<Reply>;
}

const LISTING = ['prefix', 'delimiter', 'encoding-type', 'max-keys'];
const READ_PARAMETERS = ['versionId', ...Object.keys(RESPONSE_PARAMETERS)];
const READ_CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'range'];
const WRITE_CONDITIONS = ['if-match', 'if-none-match'];

/** Everything that this S3 does; the first one that a request fits is it. */
export const OPERATIONS: readonly Operation[] = [
  on('object', 'GET', 'ListParts', listParts, {
    when: ['uploadId'],
    takes: ['max-parts', 'part-number-marker'],
  }),
  on('object', 'GET', 'GetObjectTagging', getObjectTagging, { when: ['tagging'], takes: ['versionId'] }),
  on('object', 'GET', 'GetObjectAttributes', getObjectAttributes, {
    when: ['attributes'],
    takes: ['versionId'],
  }),
  on('object', 'GET', 'GetObject', getObject, { takes: READ_PARAMETERS, honours: READ_CONDITIONS }),
  on('object', 'HEAD', 'HeadObject', headObject, { takes: READ_PARAMETERS, honours: READ_CONDITIONS }),
  on('object', 'PUT', 'UploadPart', uploadPart, { when: ['uploadId', 'partNumber'], isCopy: false }),
  on('object', 'PUT', 'UploadPartCopy', uploadPartCopy, { when: ['uploadId', 'partNumber'], isCopy: true }),
  on('object', 'PUT', 'CopyObject', copyObject, { honours: WRITE_CONDITIONS, isCopy: true, isWrite: true }),
  on('object', 'PUT', 'PutObject', putObject, { honours: WRITE_CONDITIONS, isCopy: false, isWrite: true }),
  on('object', 'POST', 'CreateMultipartUpload', createMultipartUpload, { when: ['uploads'] }),
  on('object', 'POST', 'CompleteMultipartUpload', completeMultipartUpload, {
    when: ['uploadId'],
    honours: WRITE_CONDITIONS,
    isWrite: true,
  }),
  on('object', 'DELETE', 'AbortMultipartUpload', abortMultipartUpload, { when: ['uploadId'] }),
  on('object', 'DELETE', 'DeleteObject', deleteObject, { takes: ['versionId'] }),
  on('bucket', 'GET', 'ListMultipartUploads', listMultipartUploads, {
    when: ['uploads'],
    takes: ['prefix', 'encoding-type', 'max-uploads', 'key-marker', 'upload-id-marker'],
  }),
  on('bucket', 'GET', 'ListObjectVersions', listObjectVersions, {
    when: ['versions'],
    takes: [...LISTING, 'key-marker', 'version-id-marker'],
  }),
  on('bucket', 'GET', 'ListObjectsV2', listObjectsV2, {
    when: ['list-type'],
    takes: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
  }),
  on('bucket', 'GET', 'GetBucketLocation', getBucketLocation, { when: ['location'] }),
  on('bucket', 'GET', 'GetBucketNotificationConfiguration', getBucketNotification, {
    when: ['notification'],
  }),
  on('bucket', 'GET', 'GetBucketVersioning', getBucketVersioning, { when: ['versioning'] }),
  on('bucket', 'GET', 'ListObjects', listObjects, { takes: [...LISTING, 'marker'] }),
  on('bucket', 'HEAD', 'HeadBucket', headBucket, {}),
  on('bucket', 'PUT', 'CreateBucket', createBucket, {}),
  on('bucket', 'POST', 'DeleteObjects', deleteObjects, { when: ['delete'] }),
  on('account', 'GET', 'ListBuckets', listBuckets, { takes: ['prefix'] }),
];

function on(
  what: Operation['on'],
  method: Operation['method'],
  name: string,
  run: Operation['run'],
  options: Partial<Omit<Operation, 'name' | 'method' | 'on' | 'run'>>,
): Operation {
  return { name, method, on: what, run, when: [], takes: [], honours: [], ...options };
}
