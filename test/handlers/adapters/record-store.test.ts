import { S3Client } from '@aws-sdk/client-s3';
import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import { recordStoreContract } from '../../contract/record-store.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { BUCKET, localS3 } from '../../infra/local/s3/local-s3.ts';

/** Every RecordStore there is; a real bucket too, where MILLRACE_TEST_BUCKET names one. */
recordStoreContract('in memory', async () => ({ store: memoryRecordStore(), prefix: 'x/' }));

recordStoreContract('local S3', async () => {
  const { client } = await localS3();
  return { store: s3RecordStore(client, BUCKET), prefix: 'x/' };
});

const bucket = process.env.MILLRACE_TEST_BUCKET;
if (bucket !== undefined) {
  const store = s3RecordStore(new S3Client({}), bucket);
  let corner = 0;
  recordStoreContract(`bucket ${bucket}`, async () => ({
    store,
    prefix: `contract/${process.pid}-${Date.now()}/${corner++}/`,
  }));
}
