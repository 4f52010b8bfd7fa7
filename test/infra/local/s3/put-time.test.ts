import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { expect, it } from 'vitest';
import { BUCKET, localS3 } from './local-s3.ts';

const PAST = Date.parse('2026-01-15T08:00:00Z');

it.each([
  ['put', 10],
  ['upload in parts', 6 * 1024 * 1024],
] as const)('a %s counts as put at the time that the operator names', async (_what, bytes) => {
  const { client } = await localS3();
  const Metadata = { 'millrace-put-at': String(PAST) };
  const params = { Bucket: BUCKET, Key: 'landing/a.xml', Body: Buffer.alloc(bytes, 'x'), Metadata };
  await new Upload({ client, params }).done();
  const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'landing/a.xml' }));
  expect(LastModified?.getTime()).toBe(PAST);
});

it('a time in the future is now, and what is no time is refused', async () => {
  const { client } = await localS3();
  const put = (at: string) =>
    client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'x', Metadata: { 'millrace-put-at': at } }),
    );
  await put(String(Date.now() + 3_600_000));
  const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'a' }));
  expect(LastModified?.getTime()).toBeLessThanOrEqual(Date.now());
  await expect(put('soon')).rejects.toThrow(/millrace-put-at takes epoch milliseconds, got "soon"/);
});
