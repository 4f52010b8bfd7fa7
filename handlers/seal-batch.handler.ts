import { S3Client } from '@aws-sdk/client-s3';
import { sealBatchInput } from '../shared/state/messages.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { sealBatch } from './extract/seal-batch.ts';
import { targetRules } from './extract/target-rules.ts';
import { toLambda, traced } from './lambda.ts';

const { BUCKET } = readConfig(['BUCKET']);
const records = s3RecordStore(traced(new S3Client()), BUCKET);
const targets = targetRules(records);

/** SealBatch: makes a batch of complete slices, or says that the work continues. */
export const handler = toLambda(sealBatchInput, (input, invocation) =>
  sealBatch(input, { ...invocation, records, targets, clock: systemClock }),
);
