import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { everyoneMay } from '../../../../infra/local/iam/authenticate.ts';
import { BUCKET, localS3 } from './local-s3.ts';

/** Raw requests are not signed: what is asked of them lies behind the signature. */
const openS3 = () => localS3({ authenticate: everyoneMay });

const sum = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('base64');

const putRaw = async (
  url: string,
  key: string,
  headers: Record<string, string>,
  body: string,
): Promise<string> => {
  const response = await fetch(`${url}/${BUCKET}/${key}`, { method: 'PUT', headers, body });
  return `${response.status} ${/<Code>(\w+)</.exec(await response.text())?.[1] ?? ''}`.trim();
};

// The two CRCs were computed elsewhere: crc32 by zlib, crc32c from its published table.
test.each([
  ['Content-MD5', sum('md5', 'hello')],
  ['x-amz-checksum-crc32', 'NhCmhg=='],
  ['x-amz-checksum-crc32c', 'mnG7TA=='],
  ['x-amz-checksum-sha1', sum('sha1', 'hello')],
  ['x-amz-checksum-sha256', sum('sha256', 'hello')],
  ['x-amz-content-sha256', createHash('sha256').update('hello').digest('hex')],
])('takes a body whose %s is right and refuses another', async (name, value) => {
  const { server, client } = await openS3();
  expect(await putRaw(server.url, 'right', { [name]: value }, 'hello')).toBe('200');
  const refused = name === 'x-amz-content-sha256' ? '400 XAmzContentSHA256Mismatch' : '400 BadDigest';
  expect(await putRaw(server.url, 'wrong', { [name]: value }, 'hellp')).toBe(refused);
  await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'wrong' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
});

test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
  'agrees with the SDK on the %s of a stream, sent in its trailer',
  async (ChecksumAlgorithm) => {
    const { client } = await localS3();
    async function* body() {
      yield Buffer.from('hello, ');
      yield Buffer.from('world');
    }
    const Body = Readable.from(body(), { objectMode: false });
    await client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body, ContentLength: 12, ChecksumAlgorithm }),
    );
    const head = await client.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'k', ChecksumMode: 'ENABLED' }),
    );
    expect(head[`Checksum${ChecksumAlgorithm}`]).toMatch(/=$/);
    expect(head.ContentLength).toBe(12);
  },
);

const CHUNKED = { 'x-amz-decoded-content-length': '5', 'content-encoding': 'aws-chunked' };
const SIGNED = { ...CHUNKED, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' };
const TRAILED = {
  ...CHUNKED,
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-trailer': 'x-amz-checksum-crc32',
};

test.each([
  [
    'signed chunks',
    SIGNED,
    '3;chunk-signature=ab\r\nhel\r\n2;chunk-signature=cd\r\nlo\r\n0;chunk-signature=ef\r\n\r\n',
    '200',
  ],
  ['a right trailer', TRAILED, '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', '200'],
  ['a wrong trailer', TRAILED, '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', '400 BadDigest'],
  ['no trailer though announced', TRAILED, '5\r\nhello\r\n0\r\n\r\n', '400 MalformedTrailerError'],
  ['fewer bytes than announced', SIGNED, '3\r\nhel\r\n0\r\n\r\n', '400 IncompleteBody'],
  ['more bytes than announced', SIGNED, '6\r\nhello!\r\n0\r\n\r\n', '400 IncompleteBody'],
  ['no last chunk', SIGNED, '5\r\nhello\r\n', '400 IncompleteBody'],
  ['a chunk longer than its size', SIGNED, '4\r\nhello\r\n0\r\n\r\n', '400 IncompleteBody'],
  ['a size that is no number', SIGNED, 'five\r\nhello\r\n0\r\n\r\n', '400 IncompleteBody'],
])('answers a chunked body with %s', async (_, headers, body, answer) => {
  const { server } = await openS3();
  expect(await putRaw(server.url, 'k', headers, body)).toBe(answer);
});

test('refuses a body without a length, and a digest that is none', async () => {
  const { server } = await openS3();
  expect(await putRaw(server.url, 'k', { 'content-md5': 'bm8=' }, 'hello')).toBe('400 InvalidDigest');
  const two = { 'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-checksum-crc32c': 'mnG7TA==' };
  expect(await putRaw(server.url, 'k', two, 'hello')).toBe('400 InvalidRequest');
  const response = await fetch(`${server.url}/${BUCKET}/k`, {
    method: 'PUT',
    body: new Blob(['hello']).stream(),
    duplex: 'half',
  });
  expect(response.status).toBe(411);
});

test.each([
  ['GET', '?acl'],
  ['PUT', '?tagging'],
  ['GET', '?partNumber=1'],
  ['POST', '?restore'],
  ['PUT', '?x-amz-acl=public-read'],
])('refuses %s %s by name, as it is not built', async (method, query) => {
  const { server } = await openS3();
  const response = await fetch(`${server.url}/${BUCKET}/k${query}`, { method });
  expect([response.status, await response.text()]).toEqual([
    501,
    expect.stringContaining(query.split('=')[0] ?? ''),
  ]);
});

test('refuses a header that would change what a put does', async () => {
  const { server } = await openS3();
  expect(await putRaw(server.url, 'k', { 'x-amz-acl': 'public-read' }, 'x')).toBe('501 NotImplemented');
  expect(await putRaw(server.url, 'k', { 'x-amz-tagging': 'a=b' }, 'x')).toBe('501 NotImplemented');
  expect(await putRaw(server.url, 'k', { 'if-none-match': '"etag"' }, 'x')).toBe('501 NotImplemented');
});

test('never commits a put whose connection is cut in the body', async () => {
  const { server, client } = await openS3();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(
    `PUT /${BUCKET}/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(90_000)}`,
  );
  await expect.poll(() => server.underWay()).toBe(1);
  socket.destroy();
  await expect.poll(() => server.underWay()).toBe(0);
  const head = client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'cut' }));
  await expect(head).rejects.toMatchObject({ name: 'NotFound' });
});

test('refuses a conditional put before its body when the client waits for 100 Continue', async () => {
  const { server, client } = await openS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(
    `PUT /${BUCKET}/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nIf-None-Match: *\r\nExpect: 100-continue\r\n\r\n`,
  );
  const first = await once(socket, 'data');
  socket.destroy();
  expect(String(first)).toMatch(/^HTTP\/1\.1 412 /);
});
