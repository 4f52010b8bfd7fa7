import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { OpenStaged } from '../ports/staged-reader.ts';
import { toAwsFailure, toServiceError } from './aws-errors.ts';

/** Staged files of one bucket. */
export const s3OpenStaged =
  (s3: S3Client, bucket: string): OpenStaged =>
  async (key, signal) => {
    signal.throwIfAborted();
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
        abortSignal: signal,
      });
      return Body as Readable | undefined; // in Node the SDK's body always is one
    } catch (error) {
      signal.throwIfAborted();
      if (toAwsFailure(error).name === 'NoSuchKey') return undefined;
      throw toServiceError(`read of s3://${bucket}/${key}`, error);
    }
  };
