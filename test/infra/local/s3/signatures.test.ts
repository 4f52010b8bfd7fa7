import { createHash, createHmac } from 'node:crypto';
import { request as openRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { AccessKey } from '../../../../infra/local/iam/access-key.ts';
import { BUCKET, clientOf, localS3, OPERATOR_KEY, PLAIN, REGION, ROLE_KEY, signedBy } from './local-s3.ts';

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const TIME = '20261128T120000Z';
const AT = Date.parse('2026-11-28T12:00:00Z');
const MINUTE = 60_000;
const SCOPE = `20261128/${REGION}/s3/aws4_request`;
const EMPTY = sha256('');

/** Signature Version 4, written from AWS's documentation: what signs here shares nothing with what verifies. */
const sign = (kind: string, ...lines: readonly string[]): string => {
  const key = SCOPE.split('/').reduce<string | Buffer>(hmac, `AWS4${OPERATOR_KEY.secretAccessKey}`);
  return hmac(key, [`AWS4-HMAC-SHA256${kind}`, TIME, SCOPE, ...lines].join('\n')).toString('hex');
};

interface Request {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly host?: string;
}

/** Answers the status, and the error's code and message or the body. */
const send = ({ method, url, path, headers, body, host = new URL(url).host }: Request): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = openRequest(url, { method, path, headers: { ...headers, host } }, (response) => {
      text(response).then((answer) => {
        const error = /<Code>(\w+)<\/Code><Message>([^<]*)/.exec(answer);
        const told = error === null ? answer : `${error[1]} ${error[2]}`;
        resolve(`${response.statusCode} ${told}`.trim());
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** The headers of a signed request, and its signature. */
const signed = (of: Request, hash: string, extra: Readonly<Record<string, string>> = {}) => {
  const headers: Record<string, string> = { 'x-amz-content-sha256': hash, 'x-amz-date': TIME, ...extra };
  const lines = Object.entries({ ...headers, host: new URL(of.url).host }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const names = lines.map(([name]) => name).join(';');
  const canonical = [of.method, of.path, '', ...lines.map((line) => line.join(':')), '', names, hash];
  const signature = sign('', sha256(canonical.join('\n')));
  const credential = `${OPERATOR_KEY.accessKeyId}/${SCOPE}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { headers: { ...headers, authorization }, signature };
};

const presigned = (url: string, seconds: string): string => {
  const credential = encodeURIComponent(`${OPERATOR_KEY.accessKeyId}/${SCOPE}`);
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${TIME}&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host`;
  const path = `/${BUCKET}/k`;
  const canonical = ['GET', path, query, `host:${new URL(url).host}`, '', 'host', 'UNSIGNED-PAYLOAD'];
  return `${path}?${query}&X-Amz-Signature=${sign('', sha256(canonical.join('\n')))}`;
};

/** The address of an S3 whose clock stands. */
const s3At = async (now: number): Promise<string> =>
  (await localS3({ authenticate: signedBy([], { now: () => now }) })).server.url;

const GET = (url: string): Request => ({ method: 'GET', url, path: `/${BUCKET}` });
const PUT = (url: string): Request => ({ method: 'PUT', url, path: `/${BUCKET}/k` });

describe('a signed request', () => {
  it.each([
    ['is taken when it is signed', 0, /^200 /],
    ['is taken 15 minutes later', 15 * MINUTE, /^200 /],
    ['is taken 15 minutes earlier', -15 * MINUTE, /^200 /],
    ['is refused later still', 15 * MINUTE + 1, /^403 RequestTimeTooSkewed /],
    ['is refused earlier still', -15 * MINUTE - 1, /^403 RequestTimeTooSkewed /],
  ])('%s', async (_what, later, answer) => {
    const url = await s3At(AT + later);
    expect(await send({ ...GET(url), headers: signed(GET(url), EMPTY).headers })).toMatch(answer);
  });

  it('is refused when anything that was signed is changed', async () => {
    const url = await s3At(AT);
    const { headers } = signed(GET(url), EMPTY);
    const changes: readonly Partial<Request>[] = [
      { path: `/${PLAIN}` },
      { path: `/${BUCKET}?prefix=a` },
      { method: 'POST' },
      { host: 'localhost' },
      { headers: { ...headers, 'x-amz-date': '20261128T120001Z' } },
      { headers: { ...headers, 'x-amz-content-sha256': sha256('x') } },
    ];
    for (const change of changes)
      expect(await send({ ...GET(url), headers, ...change })).toMatch(/^403 SignatureDoesNotMatch /);
    const more = { ...headers, 'x-amz-acl': 'private' };
    expect(await send({ ...GET(url), headers: more })).toMatch(/^403 AccessDenied .*not signed: x-amz-acl/);
  });

  it.each([
    ['another region', '20261128/us-west-2/s3/aws4_request', /us-west-2.*expecting/],
    ['another service', `20261128/${REGION}/sqs/aws4_request`, /expecting 's3'/],
    ['another day', `20261127/${REGION}/s3/aws4_request`, /20261127/],
    ['no scope', 'x', /Credential/],
  ])('for %s is refused by name', async (_what, scope, message) => {
    const url = await s3At(AT);
    const { headers } = signed(GET(url), EMPTY);
    const authorization = headers.authorization.replace(SCOPE, scope);
    const answer = await send({ ...GET(url), headers: { ...headers, authorization } });
    expect(answer).toMatch(/^400 AuthorizationHeaderMalformed /);
    expect(answer).toMatch(message);
  });

  it('of Signature Version 2, in header or query, is refused by name', async () => {
    const url = await s3At(AT);
    const headers = { authorization: 'AWS AKID:sig', 'x-amz-content-sha256': EMPTY };
    const refused = /^400 InvalidRequest .*use AWS4-HMAC-SHA256/;
    expect(await send({ ...GET(url), headers })).toMatch(refused);
    expect(await send({ ...GET(url), path: `/${BUCKET}/k?AWSAccessKeyId=A&Signature=s` })).toMatch(refused);
  });

  it('whose body is another than was signed leaves nothing', async () => {
    const url = await s3At(AT);
    const { headers } = signed(PUT(url), sha256('right'));
    expect(await send({ ...PUT(url), headers, body: 'wrong' })).toMatch(/^400 XAmzContentSHA256Mismatch/);
    expect(await send({ ...GET(url), path: presigned(url, '60') })).toMatch(/^404/);
    expect(await send({ ...PUT(url), headers, body: 'right' })).toBe('200');
  });

  it('needs the right secret, and a role’s its session’s token', async () => {
    const { server } = await localS3();
    const { sessionToken: _token, ...withoutToken } = ROLE_KEY;
    const list = new ListObjectsV2Command({ Bucket: BUCKET });
    const as = (credentials: AccessKey) => clientOf(server.url, { credentials }).send(list);
    await expect(as(withoutToken)).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(as({ ...ROLE_KEY, sessionToken: 'x' })).rejects.toMatchObject({ name: 'InvalidToken' });
    const guessed = { ...OPERATOR_KEY, secretAccessKey: ROLE_KEY.secretAccessKey };
    await expect(as(guessed)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    // It has no right, but who it is has been shown.
    await expect(as(ROLE_KEY)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('is verified whatever letters its key and metadata have, as the SDK signs them', async () => {
    const { client } = await localS3();
    for (const Key of ["a b+c%20d/é ü/!'()*~&=?#", 'a//b/./../c', '%2F', 'x?list-type=2']) {
      const Metadata = { a: ' b   c ' };
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key, Metadata }));
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      expect(await Body?.transformToString()).toBe(Key);
    }
  });
});

describe('a presigned request', () => {
  it.each([
    ['is taken as long as it is valid', '60', MINUTE, /^404 NoSuchKey/],
    ['is refused afterwards', '60', MINUTE + 1, /^403 AccessDenied Request has expired/],
    ['is refused before', '60', -16 * MINUTE, /^403 AccessDenied Request is not valid yet/],
    ['is taken for seven days', '604800', 7 * 24 * 60 * MINUTE, /^404 NoSuchKey/],
    ['is refused for longer', '604801', 0, /^400 AuthorizationQueryParametersError .*604800/],
    ['is refused without an end', '', 0, /^400 AuthorizationQueryParametersError .*X-Amz-Expires/],
  ])('%s', async (_what, seconds, later, answer) => {
    const url = await s3At(AT + later);
    expect(await send({ ...GET(url), path: presigned(url, seconds) })).toMatch(answer);
  });

  it('is refused when it is changed', async () => {
    const url = await s3At(AT);
    const path = presigned(url, '60');
    const wrong = /^403 SignatureDoesNotMatch/;
    expect(await send({ ...GET(url), path: path.replace('=60&', '=61&') })).toMatch(wrong);
    expect(await send({ ...GET(url), path: `${path}&versionId=1` })).toMatch(wrong);
    expect(await send({ ...GET(url), method: 'DELETE', path })).toMatch(wrong);
  });
});

const STREAMING = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const CHUNKED = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '10' };

/** A body in chunks, each signed after the one before, and a signed trailer. */
const toChunks = (seed: string, chunks: readonly string[], trailer?: string): string => {
  let last = seed;
  const lines = [...chunks, ''].map((chunk) => {
    last = sign('-PAYLOAD', last, EMPTY, sha256(chunk));
    return `${chunk.length.toString(16)};chunk-signature=${last}\r\n${chunk}${chunk === '' ? '' : '\r\n'}`;
  });
  if (trailer === undefined) return `${lines.join('')}\r\n`;
  const signature = sign('-TRAILER', last, sha256(`${trailer}\n`));
  return `${lines.join('')}${trailer}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`;
};

describe('signed chunks', () => {
  it('are taken, and leave nothing when one is changed, moved or not signed', async () => {
    const url = await s3At(AT);
    const { headers, signature } = signed(PUT(url), STREAMING, CHUNKED);
    const body = toChunks(signature, ['hello', 'world']);
    const swapped = body.replace('hello', 'HELLO').replace('world', 'hello').replace('HELLO', 'world');
    for (const bad of [body.replace('world', 'w0rld'), swapped, body.replaceAll(/;chunk-signature=\w+/g, '')])
      expect(await send({ ...PUT(url), headers, body: bad })).toMatch(/^403 SignatureDoesNotMatch/);
    expect(await send({ ...GET(url), path: presigned(url, '60') })).toMatch(/^404/);
    expect(await send({ ...PUT(url), headers, body })).toBe('200');
    expect(await send({ ...GET(url), path: presigned(url, '60') })).toBe('200 helloworld');
  });

  it('may end in a trailer, whose signature is verified, too', async () => {
    const url = await s3At(AT);
    const name = 'x-amz-checksum-sha256';
    const of = signed(PUT(url), `${STREAMING}-TRAILER`, { ...CHUNKED, 'x-amz-trailer': name });
    const sum = createHash('sha256').update('helloworld').digest('base64');
    const body = toChunks(of.signature, ['helloworld'], `${name}:${sum}`);
    const bad = body.replace(/(trailer-signature:)\w/, '$1x');
    expect(await send({ ...PUT(url), headers: of.headers, body: bad })).toMatch(/^403 SignatureDoesNotMatch/);
    expect(await send({ ...PUT(url), headers: of.headers, body })).toBe('200');
  });

  it('are refused by name where they are signed in another way', async () => {
    const url = await s3At(AT);
    const { headers } = signed(PUT(url), 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', CHUNKED);
    expect(await send({ ...PUT(url), headers, body: '0\r\n\r\n' })).toMatch(/^501 NotImplemented .*ECDSA/);
  });
});

it.each([
  ['127.0.0.1', /^403 AccessDenied/],
  ['localhost:1', /^403 AccessDenied/],
  ['LOCALHOST', /^403 AccessDenied/],
  ['evil.example', /^421 MisdirectedRequest .*evil.example/],
  ['bucket.localhost', /^421 MisdirectedRequest .*path style/],
  ['127.0.0.1.evil.example', /^421 MisdirectedRequest/],
  ['localhost@evil.example', /^421 MisdirectedRequest/],
])('host %s gets %s', async (host, answer) => {
  expect(await send({ ...GET(await s3At(AT)), host })).toMatch(answer);
});
