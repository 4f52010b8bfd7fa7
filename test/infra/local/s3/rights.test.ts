import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { makeUserKey } from '../../../../infra/local/iam/access-key.ts';
import { BUCKET, clientOf, localS3, ROLE_KEY, signedBy } from './local-s3.ts';

const OBJECTS = `arn:aws:s3:::${BUCKET}/*`;

type Granted = readonly (readonly [action: string, resource: string])[];

/** S3 with one role that has these rights: a client of the role's, and the operator's. */
const s3With = async (granted: Granted): Promise<{ role: S3Client; operator: S3Client; url: string }> => {
  const statements = granted.map(([action, resource]) => ({
    effect: 'Allow' as const,
    actions: [action],
    resources: [resource],
    conditions: [],
  }));
  const { server, client } = await localS3({ authenticate: signedBy(statements) });
  return { role: clientOf(server.url, { credentials: ROLE_KEY }), operator: client, url: server.url };
};

const at = { Bucket: BUCKET, Key: 'k' };
const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

type Send = (
  s3: S3Client,
  on: { version: string | undefined; upload: string | undefined },
) => Promise<unknown>;
const OPERATIONS: readonly (readonly [name: string, right: string, resource: string, send: Send])[] = [
  ['GetObject', 's3:GetObject', OBJECTS, (s3) => s3.send(new GetObjectCommand(at))],
  [
    'GetObject by version',
    's3:GetObjectVersion',
    OBJECTS,
    (s3, { version }) => s3.send(new GetObjectCommand({ ...at, VersionId: version })),
  ],
  ['PutObject', 's3:PutObject', OBJECTS, (s3) => s3.send(new PutObjectCommand({ ...at, Body: 'x' }))],
  [
    'PutObject if none matches',
    's3:PutObject',
    OBJECTS,
    (s3) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'new', Body: 'x', IfNoneMatch: '*' })),
  ],
  ['CreateMultipartUpload', 's3:PutObject', OBJECTS, (s3) => s3.send(new CreateMultipartUploadCommand(at))],
  [
    'UploadPart',
    's3:PutObject',
    OBJECTS,
    (s3, { upload }) => s3.send(new UploadPartCommand({ ...at, UploadId: upload, PartNumber: 1, Body: 'x' })),
  ],
  [
    'CompleteMultipartUpload',
    's3:PutObject',
    OBJECTS,
    async (s3, { upload }) => {
      const part = await s3.send(
        new UploadPartCommand({ ...at, UploadId: upload, PartNumber: 1, Body: 'x' }),
      );
      const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }];
      return s3.send(
        new CompleteMultipartUploadCommand({ ...at, UploadId: upload, MultipartUpload: { Parts } }),
      );
    },
  ],
  [
    'AbortMultipartUpload',
    's3:AbortMultipartUpload',
    OBJECTS,
    (s3, { upload }) => s3.send(new AbortMultipartUploadCommand({ ...at, UploadId: upload })),
  ],
  [
    'ListParts',
    's3:ListMultipartUploadParts',
    OBJECTS,
    (s3, { upload }) => s3.send(new ListPartsCommand({ ...at, UploadId: upload })),
  ],
  ['DeleteObject', 's3:DeleteObject', OBJECTS, (s3) => s3.send(new DeleteObjectCommand(at))],
  [
    'DeleteObject by version',
    's3:DeleteObjectVersion',
    OBJECTS,
    (s3, { version }) => s3.send(new DeleteObjectCommand({ ...at, VersionId: version })),
  ],
  [
    'ListObjectsV2',
    's3:ListBucket',
    `arn:aws:s3:::${BUCKET}`,
    (s3) => s3.send(new ListObjectsV2Command({ Bucket: BUCKET })),
  ],
  [
    'ListObjectVersions',
    's3:ListBucketVersions',
    `arn:aws:s3:::${BUCKET}`,
    (s3) => s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET })),
  ],
  [
    'ListMultipartUploads',
    's3:ListBucketMultipartUploads',
    `arn:aws:s3:::${BUCKET}`,
    (s3) => s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET })),
  ],
];

const prepare = async (operator: S3Client) => {
  const { VersionId: version } = await operator.send(new PutObjectCommand({ ...at, Body: 'x' }));
  const { UploadId: upload } = await operator.send(new CreateMultipartUploadCommand(at));
  return { version, upload };
};

describe('S3', () => {
  it.each(OPERATIONS)('does %s by %s alone', async (_name, action, resource, send) => {
    const { role, operator } = await s3With([[action, resource]]);
    await expect(send(role, await prepare(operator))).resolves.toBeDefined();
  });

  it.each(OPERATIONS)('refuses %s to who has every other right than %s', async (_name, action, _on, send) => {
    const others = [...new Set(OPERATIONS.map(([, right]) => right))].filter((right) => right !== action);
    const { role, operator } = await s3With(others.map((right) => [right, '*']));
    await expect(send(role, await prepare(operator))).rejects.toMatchObject({
      ...denied,
      message: expect.stringMatching(
        new RegExp(
          `^User: .*:assumed-role/r/fn is not authorized to perform: ${action} on resource: arn:aws:s3:::`,
        ),
      ),
    });
  });

  it('says 404 of what is absent to who may list, else 403', async () => {
    const lister = await s3With([
      ['s3:GetObject', OBJECTS],
      ['s3:ListBucket', `arn:aws:s3:::${BUCKET}`],
    ]);
    await expect(lister.role.send(new GetObjectCommand(at))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(lister.role.send(new HeadObjectCommand(at))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(lister.role.send(new HeadBucketCommand({ Bucket: BUCKET }))).resolves.toBeDefined();
    const reader = await s3With([['s3:GetObject', OBJECTS]]);
    await expect(reader.role.send(new GetObjectCommand(at))).rejects.toMatchObject(denied);
    await expect(reader.role.send(new HeadObjectCommand(at))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await reader.operator.send(new PutObjectCommand({ ...at, Body: 'x' }));
    await reader.operator.send(new DeleteObjectCommand(at));
    await expect(reader.role.send(new GetObjectCommand(at))).rejects.toMatchObject(denied);
  });

  it('wants the right to read as well for If-Match and for a copy’s source', async () => {
    const { role, operator } = await s3With([['s3:PutObject', OBJECTS]]);
    const { ETag } = await operator.send(new PutObjectCommand({ ...at, Body: 'x' }));
    const put = new PutObjectCommand({ ...at, Body: 'y', IfMatch: ETag });
    await expect(role.send(put)).rejects.toMatchObject(denied);
    const copy = new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/k` });
    await expect(role.send(copy)).rejects.toMatchObject(denied);
  });

  it('decides each key of a DeleteObjects by itself', async () => {
    const { role, operator } = await s3With([['s3:DeleteObject', `arn:aws:s3:::${BUCKET}/mine/*`]]);
    for (const Key of ['mine/1', 'theirs/1'])
      await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    const answer = await role.send(
      new DeleteObjectsCommand({
        Bucket: BUCKET,
        Delete: { Objects: [{ Key: 'theirs/1' }, { Key: 'mine/1' }] },
      }),
    );
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['mine/1']);
    expect(answer.Errors).toMatchObject([{ Key: 'theirs/1', Code: 'AccessDenied' }]);
    const left = await operator.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(left.Contents?.map(({ Key }) => Key)).toEqual(['theirs/1']);
  });

  it('refuses an access key that nobody has, and a request that is not signed', async () => {
    const { url } = await s3With([]);
    const stranger = clientOf(url, { credentials: makeUserKey() });
    await expect(stranger.send(new GetObjectCommand(at))).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
      $metadata: { httpStatusCode: 403 },
    });
    const response = await fetch(`${url}/${BUCKET}/k`);
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('<Code>AccessDenied</Code>'),
    ]);
  });
});
