import type { Caller } from '../iam/access.ts';
import { type Call, header } from './call.ts';
import { readCopySource } from './copy-source.ts';
import { S3Error } from './s3-error.ts';

/** What an operation is asked to do, as far as rights go. */
type Asked = Pick<Call, 'bucket' | 'key' | 'query' | 'headers'>;

/** An action on a resource, which a caller has to be allowed. */
type Right = readonly [action: string, resource: string];

/**
 * The rights that each operation needs: docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html.
 * One that is not here is nobody's but the operator's.
 */
const RIGHTS: Readonly<Record<string, (asked: Asked) => readonly Right[]>> = {
  GetObject: (asked) => [[readAction(asked.query), objectArn(asked)]],
  HeadObject: (asked) => [[readAction(asked.query), objectArn(asked)]],
  GetObjectTagging: (asked) => [[`${readAction(asked.query)}Tagging`, objectArn(asked)]],
  GetObjectAttributes: (asked) => [
    [readAction(asked.query), objectArn(asked)],
    [`${readAction(asked.query)}Attributes`, objectArn(asked)],
  ],
  PutObject: (asked) => writeRights(asked),
  CreateMultipartUpload: (asked) => writeRights(asked),
  UploadPart: (asked) => writeRights(asked),
  CompleteMultipartUpload: (asked) => writeRights(asked),
  CopyObject: (asked) => [sourceRight(asked), ...writeRights(asked)],
  UploadPartCopy: (asked) => [sourceRight(asked), ...writeRights(asked)],
  AbortMultipartUpload: (asked) => [['s3:AbortMultipartUpload', objectArn(asked)]],
  ListParts: (asked) => [['s3:ListMultipartUploadParts', objectArn(asked)]],
  DeleteObject: (asked) => [deleteRight(asked, asked.query.has('versionId'))],
  // Each key is decided by itself, once the list is read.
  DeleteObjects: () => [],
  ListObjectsV2: (asked) => [['s3:ListBucket', bucketArn(asked)]],
  ListObjects: (asked) => [['s3:ListBucket', bucketArn(asked)]],
  HeadBucket: (asked) => [['s3:ListBucket', bucketArn(asked)]],
  ListObjectVersions: (asked) => [['s3:ListBucketVersions', bucketArn(asked)]],
  ListMultipartUploads: (asked) => [['s3:ListBucketMultipartUploads', bucketArn(asked)]],
  GetBucketLocation: (asked) => [['s3:GetBucketLocation', bucketArn(asked)]],
  GetBucketNotificationConfiguration: (asked) => [['s3:GetBucketNotification', bucketArn(asked)]],
  GetBucketVersioning: (asked) => [['s3:GetBucketVersioning', bucketArn(asked)]],
  CreateBucket: (asked) => [['s3:CreateBucket', bucketArn(asked)]],
  ListBuckets: () => [['s3:ListAllMyBuckets', '*']],
};

const bucketArn = ({ bucket }: Pick<Asked, 'bucket'>): string => `arn:aws:s3:::${bucket.name}`;
const objectArn = (asked: Pick<Asked, 'bucket' | 'key'>): string => `${bucketArn(asked)}/${asked.key}`;

/** By version id only the one right is needed, without it only the other (API_GetObject). */
const readAction = (query: URLSearchParams): string =>
  query.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject';

/** If-None-Match needs no right to read; If-Match does (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). */
const writeRights = (asked: Asked): readonly Right[] => [
  ['s3:PutObject', objectArn(asked)],
  ...(header(asked, 'if-match') === undefined ? [] : [['s3:GetObject', objectArn(asked)] as const]),
];

const sourceRight = (asked: Asked): Right => {
  const { bucket, key, versionId } = readCopySource(asked);
  return [
    versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
    objectArn({ bucket: { ...asked.bucket, name: bucket }, key }),
  ];
};

const deleteRight = (asked: Pick<Asked, 'bucket' | 'key'>, isVersion: boolean): Right => [
  isVersion ? 's3:DeleteObjectVersion' : 's3:DeleteObject',
  objectArn(asked),
];

/** Throws S3Error AccessDenied, naming caller, action and resource, unless the caller may do the operation. */
export const authorize = (caller: Caller, operation: string, asked: Asked): void => {
  const rights = RIGHTS[operation]?.(asked) ?? [[`s3:${operation}`, bucketArn(asked)]];
  for (const [action, resource] of rights) {
    const refusal = caller.refusalOf(action, resource);
    if (refusal !== undefined) throw new S3Error('AccessDenied', refusal);
  }
};

/** Why the caller may not delete one key of a DeleteObjects; undefined when it may. */
export const deleteRefusal = (caller: Caller, call: Pick<Call, 'bucket' | 'key'>, isVersion: boolean) =>
  caller.refusalOf(...deleteRight(call, isVersion));

/** Who may not list learns of no object that it is not there: 403 in place of 404 (API_GetObject, API_HeadObject). */
export const hideAbsence = (caller: Caller, call: Pick<Call, 'bucket'>, cause: unknown): unknown => {
  if (!(cause instanceof S3Error) || !['NoSuchKey', 'NoSuchVersion'].includes(cause.code)) return cause;
  const refusal = caller.refusalOf('s3:ListBucket', bucketArn(call));
  return refusal === undefined ? cause : new S3Error('AccessDenied', refusal);
};
