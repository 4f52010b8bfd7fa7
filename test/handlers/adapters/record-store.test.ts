import { S3Client } from '@aws-sdk/client-s3';
import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import { recordStoreContract } from '../../contract/record-store.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';

/** Every RecordStore there is; a real bucket where MILLRACE_TEST_BUCKET names one (and AWS_ENDPOINT_URL_S3 its endpoint). */
let corner = 0;
const nextCorner = () => `contract/${process.pid}-${Date.now()}/${corner++}/`;

recordStoreContract('in memory', async () => ({ store: memoryRecordStore(), prefix: 'x/' }));

const bucket = process.env.MILLRACE_TEST_BUCKET;
if (bucket !== undefined) {
  const s3 = new S3Client({});
  recordStoreContract(`bucket ${bucket}`, async () => ({
    store: s3RecordStore(s3, bucket),
    prefix: nextCorner(),
  }));
}
