import { S3Client } from '@aws-sdk/client-s3';
import { recordFailureInput } from '../shared/state/messages.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { recordFailure } from './extract/record-failure.ts';
import { toLambda, traced } from './lambda.ts';

const { BUCKET } = readConfig(['BUCKET']);
const records = s3RecordStore(traced(new S3Client()), BUCKET);

/** RecordFailure: gives the lease back, parks what no later execution can mend. */
export const handler = toLambda(recordFailureInput, (input, invocation) =>
  recordFailure(input, { ...invocation, records, clock: systemClock }),
);
