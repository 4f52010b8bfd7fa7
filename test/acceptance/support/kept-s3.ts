import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { readAssembly } from '../../../infra/local/assembly/assembly.ts';
import { startS3 } from '../../../infra/local/s3/server.ts';

/** What the local cloud's S3 holds in a data folder that no cloud runs on. */
export interface KeptS3 {
  readonly keys: readonly string[];
  /** Keys of multipart uploads that nobody completed or aborted. */
  readonly openUploads: readonly string[];
}

/** Starts the local S3 on the folder's store and asks it. */
export const readKeptS3 = async (data: string): Promise<KeptS3> => {
  const dir = join(data, 's3');
  const { buckets } = await readAssembly(join(data, 'cdk.out'));
  // The app has one other bucket: the state bucket's access logs.
  const bucket = buckets.find(({ hasEventBridge }) => hasEventBridge)?.name ?? '';
  const server = await startS3({
    dir,
    buckets,
    account: '111122223333',
    region: 'eu-central-1',
    onEvent: () => {},
  });
  const client = new S3Client({
    endpoint: server.url,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const objects = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return {
      keys: (objects.Contents ?? []).flatMap(({ Key }) => Key ?? []),
      openUploads: (uploads.Uploads ?? []).flatMap(({ Key }) => Key ?? []),
    };
  } finally {
    client.destroy();
    await server.close();
  }
};
