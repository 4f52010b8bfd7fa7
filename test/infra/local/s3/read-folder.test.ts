import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openS3Folder } from '../../../../infra/local/s3/read-folder.ts';
import { startS3 } from '../../../../infra/local/s3/server.ts';
import { BUCKET, clientOf, PLAIN, REGION, signedBy, temporaryFolder } from './local-s3.ts';

const textOf = async (bytes: AsyncIterable<Buffer> | undefined): Promise<string | undefined> => {
  if (bytes === undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test('a folder is read as its S3 left it: newest versions, folders, small and large, of one bucket alone', async () => {
  const dir = temporaryFolder();
  const buckets = [BUCKET, PLAIN].map((name) => ({ name, isVersioned: true, hasEventBridge: false }));
  const server = await startS3({
    dir,
    buckets,
    account: '1',
    region: REGION,
    authenticate: signedBy(),
    onEvent: () => {},
  });
  const client = clientOf(server.url);
  const put = (Key: string, Body: string, Bucket = BUCKET) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const large = 'x'.repeat(100_000);
  await put('a/1', 'old');
  await put('a/1', 'new');
  await put('a/b/2', large);
  await put('a/b/3', '3');
  await put('a/gone', 'g');
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a/gone' }));
  await put('a/other', 'o', PLAIN);
  await server.close();

  const folder = openS3Folder(dir, BUCKET);
  expect(folder.list('a/')).toEqual({ keys: ['a/1', 'a/b/2', 'a/b/3'], folders: [] });
  expect(folder.list('a/', '/')).toEqual({ keys: ['a/1'], folders: ['a/b/'] });
  expect(folder.list('none/')).toEqual({ keys: [], folders: [] });
  expect(await textOf(folder.open('a/1'))).toBe('new');
  expect(await textOf(folder.open('a/b/2'))).toBe(large);
  expect(await textOf(folder.open('a/gone'))).toBeUndefined();
  expect(await textOf(folder.open('a/other'))).toBeUndefined();
  folder.close();
});
