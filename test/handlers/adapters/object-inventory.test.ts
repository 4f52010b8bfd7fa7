import { describe, expect, it } from 'vitest';
import { s3ObjectInventory } from '../../../handlers/adapters/s3-object-inventory.ts';
import { ServiceUnavailable } from '../../../shared/errors.ts';
import { objectInventoryContract } from '../../contract/object-inventory.ts';
import { type MemoryObject, memoryInventory } from '../../fakes/memory-inventory.ts';
import { scriptedS3 } from '../../fakes/scripted-s3.ts';

/** That on S3, local and of AWS, is tried by test/aws. */
objectInventoryContract('in memory', async () => {
  const objects = new Map<string, MemoryObject>();
  let version = 0;
  return {
    inventory: memoryInventory(objects),
    put: async (key) => {
      version += 1;
      const before = objects.get(key);
      const older = before === undefined ? [] : [before, ...(before.older ?? [])];
      objects.set(key, { lastModifiedMs: version, versionId: `v${version}`, older });
      return `v${version}`;
    },
  };
});

describe('the S3 object inventory', () => {
  it('knows of a removal from the page before', async () => {
    const page = (content: string) => ({
      status: 200,
      body: `<ListVersionsResult>${content}</ListVersionsResult>`,
    });
    const entry = (kind: string, id: string, hour: string, isLatest = false) =>
      `<${kind}><Key>a</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest><LastModified>2026-11-23T${hour}:00:00.000Z</LastModified></${kind}>`;
    const next =
      '<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>d</NextVersionIdMarker>';
    const { s3, requests } = scriptedS3([
      page(`${next}${entry('Version', 'v3', '03', true)}${entry('DeleteMarker', 'd', '02')}`),
      page(`<IsTruncated>false</IsTruncated>${entry('Version', 'v1', '01')}`),
    ]);
    const found: string[] = [];
    for await (const { versionId } of s3ObjectInventory(s3, 'bucket').listVersions('')) found.push(versionId);
    expect(found).toEqual(['v3']);
    expect(requests).toHaveLength(2);
  });

  it('says which call no answer came to', async () => {
    const inventory = s3ObjectInventory(scriptedS3(['cut']).s3, 'bucket');
    const removal = inventory.remove(['a']);
    await expect(removal).rejects.toThrow(ServiceUnavailable);
    await expect(removal).rejects.toThrow('removal of s3://bucket/a failed with no answer');
  });
});
