import { S3Client } from '@aws-sdk/client-s3';
import { parkLoadInput } from '../shared/state/messages.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { toLambda, traced } from './lambda.ts';
import { parkLoad } from './load/park-load.ts';

const { BUCKET } = readConfig(['BUCKET']);
const deps = { records: s3RecordStore(traced(new S3Client()), BUCKET), clock: systemClock };

export const handler = toLambda(parkLoadInput, (input, { invocation, tracer }) =>
  parkLoad(input, { ...deps, invocation, tracer }),
);
