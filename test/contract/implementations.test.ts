import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { s3ObjectStreams } from '../../handlers/adapters/s3-object-streams.ts';
import { secretsManager } from '../../handlers/adapters/secrets-manager.ts';
import { startSecrets } from '../../infra/local/secrets/server.ts';
import { newRedactor } from '../../shared/redact/redactor.ts';
import { fixedSecrets } from '../fakes/fixed-secrets.ts';
import { memoryObjectStreams } from '../fakes/memory-object-streams.ts';
import { BUCKET, localS3 } from '../infra/local/s3/local-s3.ts';
import { objectStreamsContract } from './object-streams.ts';
import { secretsContract } from './secrets.ts';

/** Every Secrets and ObjectStreams there is: the fake, and the adapter on the local cloud. */

secretsContract('in memory', async (secrets) => fixedSecrets(secrets));

secretsContract('Secrets Manager of the local cloud', async (secrets) => {
  const server = await startSecrets(secrets);
  onTestFinished(() => server.close());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return secretsManager(
    new SecretsManagerClient({ endpoint: server.url, region: 'eu-central-1', credentials, maxAttempts: 1 }),
    newRedactor(),
  );
});

objectStreamsContract('in memory', async () => {
  const memory = memoryObjectStreams();
  let version = 0;
  return {
    streams: memory,
    land: async (key, bytes) => {
      version += 1;
      const object = { bucket: BUCKET, key, versionId: `v${version}` };
      memory.land(object, bytes, version);
      return object;
    },
    uploaded: async (key) => memory.objects.get(key),
  };
});

objectStreamsContract('S3 of the local cloud', async () => {
  const { client } = await localS3();
  return {
    streams: s3ObjectStreams(client, BUCKET),
    land: async (key, bytes) => {
      const put = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes }));
      return { bucket: BUCKET, key, versionId: put.VersionId ?? '' };
    },
    uploaded: async (key) => {
      const get = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      const found = await get.catch((error: unknown) => {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      });
      return found?.Body === undefined ? undefined : Buffer.from(await found.Body.transformToByteArray());
    },
  };
});
