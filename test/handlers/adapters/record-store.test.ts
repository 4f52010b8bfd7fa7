import { recordStoreContract } from '../../contract/record-store.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';

/** That on S3, local and of AWS, is tried by test/aws. */
recordStoreContract('in memory', async () => ({ store: memoryRecordStore(), prefix: 'x/' }));
