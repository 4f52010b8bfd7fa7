import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3ObjectInventory } from '../../../handlers/adapters/s3-object-inventory.ts';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { objectInventoryContract } from '../../contract/object-inventory.ts';
import { memoryInventory } from '../../fakes/memory-inventory.ts';
import { scriptedS3 } from '../../fakes/scripted-s3.ts';
import { BUCKET, localS3 } from '../../infra/local/s3/local-s3.ts';

/** Every ObjectInventory there is. */
objectInventoryContract('in memory', async () => {
  const objects = new Map<string, { readonly lastModifiedMs: number; readonly versionId: string }>();
  let version = 0;
  return {
    inventory: memoryInventory(objects),
    put: async (key) => {
      version += 1;
      objects.set(key, { lastModifiedMs: version, versionId: `v${version}` });
      return `v${version}`;
    },
  };
});

objectInventoryContract('local S3', async () => {
  const { client } = await localS3();
  return {
    inventory: s3ObjectInventory(client, BUCKET),
    put: async (key) => {
      const put = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'x' }));
      return put.VersionId ?? '';
    },
  };
});

describe('the S3 object inventory', () => {
  it('says which call no answer came to', async () => {
    const inventory = s3ObjectInventory(scriptedS3(['cut']).s3, 'bucket');
    const removal = inventory.remove(['a']);
    await expect(removal).rejects.toThrow(ServiceUnavailable);
    await expect(removal).rejects.toThrow('removal of s3://bucket/a failed with no answer');
  });
});
