import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { AccessTable } from '../../../../infra/local/iam/access.ts';
import { makeSessionKey, makeUserKey } from '../../../../infra/local/iam/access-key.ts';
import {
  type Authenticate,
  type AuthenticateOptions,
  verifySignatures,
} from '../../../../infra/local/iam/authenticate.ts';
import type { BusEvent } from '../../../../infra/local/ipc.ts';
import { type S3Options, type S3Server, startS3 } from '../../../../infra/local/s3/server.ts';

export const BUCKET = 'bucket';
export const PLAIN = 'plain';
export const REGION = 'eu-west-1';

/** Signs as the account's administrator. */
export const OPERATOR_KEY = makeUserKey();

const ROLE = 'arn:aws:iam::111122223333:role/r';
/** Signs as a role that has the rights given to `signedBy`. */
export const ROLE_KEY = makeSessionKey();

/** Takes requests of both keys, verified. */
export const signedBy = (
  statements: AccessTable['roles'][string] = [],
  rest: Partial<AuthenticateOptions> = {},
): Authenticate => {
  const { accessKeyId, ...secrets } = ROLE_KEY;
  const table = {
    keys: {
      [OPERATOR_KEY.accessKeyId]: { secretAccessKey: OPERATOR_KEY.secretAccessKey },
      [accessKeyId]: { ...secrets, role: { arn: ROLE, session: 'fn' } },
    },
    roles: { [ROLE]: statements },
    buckets: {},
  };
  return verifySignatures({ table, region: REGION, service: 's3', ...rest });
};

/** A folder that is gone after the test. */
export const temporaryFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-s3-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

/** The SDK's client, as handlers have it, without retries: a test sees each answer. */
export const clientOf = (url: string, config: S3ClientConfig = {}): S3Client => {
  const client = new S3Client({
    endpoint: url,
    region: REGION,
    credentials: OPERATOR_KEY,
    maxAttempts: 1,
    ...config,
  });
  onTestFinished(() => client.destroy());
  return client;
};

export interface LocalS3 {
  readonly server: S3Server;
  readonly client: S3Client;
  readonly dir: string;
  readonly events: BusEvent[];
}

/** S3 in this process, in a folder of its own unless told, with a versioned bucket and one without versions. */
export const localS3 = async (options: Partial<S3Options> = {}): Promise<LocalS3> => {
  const dir = options.dir ?? temporaryFolder();
  const events: BusEvent[] = [];
  const server = await startS3({
    dir,
    buckets: [
      { name: BUCKET, isVersioned: true, hasEventBridge: true },
      { name: PLAIN, isVersioned: false, hasEventBridge: false },
    ],
    account: '111122223333',
    region: REGION,
    authenticate: signedBy(),
    onEvent: (message) => {
      events.push(message.event);
      server.acknowledge(message.id);
    },
    ...options,
  });
  onTestFinished(() => server.close());
  return { server, client: clientOf(server.url), dir, events };
};
