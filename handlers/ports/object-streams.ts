import type { Readable } from 'node:stream';

/** One version of one object. */
export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** An object that was uploaded. */
export interface UploadedObject extends ObjectVersion {
  readonly etag: string;
}

export interface ByteRange {
  readonly from: number;
  /** @default - to the end */
  readonly to?: number | undefined;
}

export interface ObjectHead {
  readonly etag: string;
  readonly bytes: number;
  readonly lastModifiedMs: number;
}

/** Objects as streams: what others landed is read, what we stage is written. */
export interface ObjectStreams {
  /** What a version is, or undefined where there is none. Throws ServiceUnavailable, ServiceRefused. */
  head(object: ObjectVersion): Promise<ObjectHead | undefined>;

  /**
   * The bytes of a version, as they were put, to be read once; of a range, half-open, those that it has in the object, which has
   * to have its first. Throws ServiceUnavailable or ServiceRefused; reading fails
   * with ServiceUnavailable when the connection is cut, and with the signal's reason when that fires.
   */
  open(object: ObjectVersion, signal: AbortSignal, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;

  /**
   * Uploads a body of unknown length under a key of our bucket, and names the version that it became. The object exists only once this resolves: when the
   * body fails, the signal fires or S3 refuses, the body is destroyed, nothing is left behind at S3, and the first error
   * is thrown: the body's and the signal's as they are, S3's as ServiceUnavailable or ServiceRefused.
   */
  upload(key: string, body: Readable, signal: AbortSignal): Promise<UploadedObject>;
}
