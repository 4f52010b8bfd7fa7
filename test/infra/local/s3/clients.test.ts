import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  type ListObjectsCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { everyoneMay } from '../../../../infra/local/iam/authenticate.ts';
import { BUCKET, localS3, PLAIN, REGION } from './local-s3.ts';

/** What the AWS CLI, rclone and s3cmd ask for beyond what the handlers do. */

const put = (s3: S3Client, Key: string, Body: string | Buffer = Key) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

describe('a bucket', () => {
  it('is listed among all, and has a region and a status', async () => {
    const { client } = await localS3();
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets).toEqual(
      [BUCKET, PLAIN].map((Name) => expect.objectContaining({ Name, BucketRegion: REGION })),
    );
    expect(Buckets?.every(({ CreationDate }) => CreationDate instanceof Date)).toBe(true);
    const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket: BUCKET }));
    expect(LocationConstraint).toBe(REGION);
    const statusOf = async (Bucket: string) =>
      (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect([await statusOf(BUCKET), await statusOf(PLAIN)]).toEqual(['Enabled', undefined]);
  });

  it('has no name for the region us-east-1', async () => {
    const { server } = await localS3({ region: 'us-east-1', authenticate: everyoneMay });
    expect(await (await fetch(`${server.url}/${BUCKET}?location`)).text()).toMatch(
      /<LocationConstraint [^>]*><\/LocationConstraint>$/,
    );
  });

  it('that is there is one’s own already, and no other is made', async () => {
    const { client } = await localS3();
    const make = (Bucket: string) => client.send(new CreateBucketCommand({ Bucket }));
    await expect(make(BUCKET)).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    await expect(make('other')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

describe('ListObjects', () => {
  const KEYS = ['a', 'b/1', 'b/2', 'c d', 'd/e/f', 'é'];

  it.each([1, 2, 3, 1000])('gives the same as ListObjectsV2, by pages of %i', async (MaxKeys) => {
    const { client } = await localS3();
    for (const key of KEYS) await put(client, key);
    for (const Delimiter of [undefined, '/']) {
      const on = { Bucket: BUCKET, Delimiter };
      const whole = await client.send(new ListObjectsV2Command({ ...on, FetchOwner: true }));
      const found: unknown[] = [];
      const folders: unknown[] = [];
      for (let Marker: string | undefined = ''; Marker !== undefined; ) {
        const page: ListObjectsCommandOutput = await client.send(
          new ListObjectsCommand({ ...on, MaxKeys, Marker }),
        );
        found.push(...(page.Contents ?? []));
        folders.push(...(page.CommonPrefixes ?? []));
        // Without a delimiter there is no NextMarker: the last key is it.
        expect(page.NextMarker !== undefined).toBe(page.IsTruncated === true && Delimiter !== undefined);
        Marker = page.IsTruncated === true ? (page.NextMarker ?? page.Contents?.at(-1)?.Key) : undefined;
      }
      expect([found, folders]).toEqual([whole.Contents ?? [], whole.CommonPrefixes ?? []]);
    }
  });
});

describe('a copy', () => {
  it('takes an object of another bucket, when its conditions hold', async () => {
    const { client } = await localS3();
    const { ETag, VersionId } = await put(client, 'a b/é');
    const CopySource = `${BUCKET}/${encodeURIComponent('a b/é')}`;
    const to = { Bucket: PLAIN, Key: 'copy', CopySource };
    const failed = { name: 'PreconditionFailed' };
    await expect(
      client.send(new CopyObjectCommand({ ...to, CopySourceIfMatch: '"x"' })),
    ).rejects.toMatchObject(failed);
    await expect(
      client.send(new CopyObjectCommand({ ...to, CopySourceIfNoneMatch: ETag })),
    ).rejects.toMatchObject(failed);
    const copied = await client.send(new CopyObjectCommand({ ...to, CopySourceIfMatch: ETag }));
    expect(copied.CopySourceVersionId).toBe(VersionId);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: PLAIN, Key: 'copy' }));
    expect(await Body?.transformToString()).toBe('a b/é');
    const elsewhere = new CopyObjectCommand({ ...to, CopySource: 'nowhere/k' });
    await expect(client.send(elsewhere)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it.each([undefined, 'CRC32', 'SHA256'] as const)(
    'makes parts, with checksum %s',
    async (ChecksumAlgorithm) => {
      const { client } = await localS3();
      const bytes = Buffer.alloc(6 * 1024 * 1024, 'millrace');
      await put(client, 'source', bytes);
      const to = { Bucket: PLAIN, Key: 'parts' };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...to, ChecksumAlgorithm }));
      const Parts = [];
      for (const [PartNumber, CopySourceRange] of [
        [1, `bytes=0-${5 * 1024 * 1024 + 6}`],
        [2, `bytes=7-${bytes.length - 1}`],
      ] as const) {
        const of = { ...to, UploadId, PartNumber, CopySource: `${BUCKET}/source`, CopySourceRange };
        const { CopyPartResult } = await client.send(new UploadPartCopyCommand(of));
        Parts.push({ ...CopyPartResult, PartNumber });
      }
      const beyond = { ...to, UploadId, PartNumber: 3, CopySource: `${BUCKET}/source` };
      await expect(
        client.send(new UploadPartCopyCommand({ ...beyond, CopySourceRange: `bytes=0-${bytes.length}` })),
      ).rejects.toMatchObject({ name: 'InvalidArgument' });
      await client.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts } }));
      const { Body } = await client.send(new GetObjectCommand(to));
      const whole = Buffer.concat([bytes.subarray(0, 5 * 1024 * 1024 + 7), bytes.subarray(7)]);
      const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
      expect(hash((await Body?.transformToByteArray()) ?? Buffer.of())).toBe(hash(whole));
    },
  );
});

describe('an object', () => {
  const at = { Bucket: BUCKET, Key: 'k' };

  it('has attributes, and no tags', async () => {
    const { client } = await localS3();
    const { ETag, ChecksumCRC32, VersionId } = await put(client, 'k', 'hello');
    const { TagSet, VersionId: tagged } = await client.send(new GetObjectTaggingCommand(at));
    expect([TagSet, tagged]).toEqual([[], VersionId]);
    const ObjectAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;
    const asked = { ...at, ObjectAttributes: [...ObjectAttributes] };
    expect(await client.send(new GetObjectAttributesCommand(asked))).toMatchObject({
      ETag: ETag?.replaceAll('"', ''),
      Checksum: { ChecksumCRC32, ChecksumType: 'FULL_OBJECT' },
      ObjectSize: 5,
      StorageClass: 'STANDARD',
      VersionId,
    });
    const nothing = new GetObjectAttributesCommand({ ...at, Key: 'none', ObjectAttributes: ['ETag'] });
    await expect(client.send(nothing)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('is answered with the headers that its reader asks for', async () => {
    const { client } = await localS3();
    await put(client, 'k');
    const read = { ...at, ResponseContentType: 'text/csv', ResponseContentDisposition: 'attachment' };
    expect(await client.send(new GetObjectCommand(read))).toMatchObject({
      ContentType: 'text/csv',
      ContentDisposition: 'attachment',
    });
  });

  it('is put whatever checksum parameters SDKs leave in a presigned query', async () => {
    const { server } = await localS3({ authenticate: everyoneMay });
    const query =
      'x-id=PutObject&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&X-Amz-Checksum-Mode=ENABLED';
    const answer = await fetch(`${server.url}/${BUCKET}/k?${query}`, { method: 'PUT', body: 'hello' });
    expect(answer.status).toBe(200);
  });
});
