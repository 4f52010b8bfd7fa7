import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Identified } from './identify.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import type { Store } from './store.ts';

export interface BucketConfig {
  readonly name: string;
  readonly isVersioned: boolean;
  /** Whether its events go to EventBridge; all types do then (docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html). */
  readonly hasEventBridge: boolean;
  /** The stack that made it, as CloudFormation tags what it makes. @default no stack did, and it has no tags */
  readonly stack?: string;
  /** @default none */
  readonly lifecycle?: readonly LifecycleRule[];
}

/** Stands for a bucket where an operation is on the account. */
export const NO_BUCKET: BucketConfig = { name: '', isVersioned: false, hasEventBridge: false };

/** What the operations of one server share. */
export interface Context {
  readonly store: Store;
  readonly buckets: readonly BucketConfig[];
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds. */
  now(): number;
}

/** One request, addressed and allowed. */
export interface Call extends Context, Identified {
  readonly bucket: BucketConfig;
  /** Empty for an operation on the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly requestId: string;
  readonly sourceAddress: string;
  /** The body as sent. Who asks for it gets it once; a client that waits for 100 Continue is told to go on. */
  body(): AsyncIterable<Buffer>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: string | Readable;
}

/** One header's value; undefined where it is absent. */
export const header = (call: Pick<Call, 'headers'>, name: string): string | undefined => {
  const value = call.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};
