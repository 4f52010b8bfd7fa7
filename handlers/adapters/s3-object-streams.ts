import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ServiceRefused, TransientError } from '../../shared/errors.ts';
import type { ByteRange, ObjectStreams, ObjectVersion } from '../ports/object-streams.ts';
import { toAwsFailure, toServiceError } from './aws-errors.ts';

/** Two parts of 8 MiB in flight a file: 16 MiB a table, 80 GB at most by S3's 10,000 parts. */
const PART_SIZE_BYTES = 8 * 2 ** 20;
const QUEUE_SIZE = 2;

const placeOf = ({ bucket, key, versionId }: ObjectVersion): string =>
  `s3://${bucket}/${key} version ${versionId}`;

const toHeader = ({ from, to }: ByteRange): string => `bytes=${from}-${to === undefined ? '' : to - 1}`;

/** ObjectStreams on S3; uploads go to one bucket. */
export const s3ObjectStreams = (s3: S3Client, bucket: string): ObjectStreams => ({
  head: async (object) => {
    const at = { Bucket: object.bucket, Key: object.key, VersionId: object.versionId };
    try {
      const head = await s3.send(new HeadObjectCommand(at));
      return {
        etag: head.ETag ?? '',
        bytes: head.ContentLength ?? 0,
        lastModifiedMs: head.LastModified?.getTime() ?? 0,
      };
    } catch (error) {
      const { status, name } = toAwsFailure(error);
      // A HEAD has no body to tell a wrong version id (400) from other mistakes; both mean that it is not there.
      if (status === 404 || name === 'NoSuchVersion') return undefined;
      throw toServiceError(`head of ${placeOf(object)}`, error);
    }
  },

  open: async (object, signal, range) => {
    const { bucket: Bucket, key: Key, versionId: VersionId } = object;
    const at = { Bucket, Key, VersionId, ...(range === undefined ? {} : { Range: toHeader(range) }) };
    const { Body } = await s3
      .send(new GetObjectCommand(at), { abortSignal: signal })
      .catch((error: unknown) => failRead(object, signal, error));
    if (Body === undefined) throw new ServiceRefused(`read of ${placeOf(object)} answered no body`);
    return readBody(object, Body as Readable, signal); // in Node the SDK's body always is one
  },

  upload: async (key, body, signal) => {
    // lib-storage's own abort() leaves the upload behind at S3; a body that fails makes it clean up.
    const destroy = () => body.destroy(toError(signal.reason));
    signal.addEventListener('abort', destroy, { once: true });
    if (signal.aborted) destroy();
    const first = watchFailures(s3, body);
    const upload = new Upload({
      client: first.client,
      params: { Bucket: bucket, Key: key, Body: body },
      partSize: PART_SIZE_BYTES,
      queueSize: QUEUE_SIZE,
    });
    try {
      const { VersionId: versionId, ETag: etag = '' } = await upload.done();
      if (versionId !== undefined) return { bucket, key, versionId, etag };
    } catch (error) {
      throw first.failure(error, `upload of s3://${bucket}/${key}`);
    } finally {
      signal.removeEventListener('abort', destroy);
    }
    throw new ServiceRefused(
      `upload of s3://${bucket}/${key} has no version id, allowed a bucket with versioning`,
    );
  },
});

/**
 * Whichever failed first, a call or the body. When a part fails, lib-storage leaves the body, which its other
 * uploaders then see as an AbortError; and of all these it throws any.
 */
const watchFailures = (s3: S3Client, body: Readable) => {
  let ofCall: unknown;
  const send = async (...call: Parameters<S3Client['send']>): Promise<unknown> => {
    try {
      return await s3.send(...call);
    } catch (error) {
      if (body.errored === null) ofCall ??= error;
      throw error;
    }
  };
  const client: S3Client = Object.create(s3, { send: { value: send } });
  return {
    client,
    failure: (error: unknown, what: string): Error => {
      if (ofCall === undefined && body.errored !== null) return body.errored;
      const failure = toServiceError(what, ofCall ?? error);
      body.destroy(failure);
      return failure;
    },
  };
};

async function* readBody(object: ObjectVersion, body: Readable, signal: AbortSignal) {
  const destroy = () => body.destroy(toError(signal.reason));
  signal.addEventListener('abort', destroy, { once: true });
  try {
    yield* body;
  } catch (error) {
    failRead(object, signal, error);
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

const failRead = (object: ObjectVersion, signal: AbortSignal, error: unknown): never => {
  signal.throwIfAborted();
  throw error instanceof TransientError ? error : toServiceError(`read of ${placeOf(object)}`, error);
};

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
