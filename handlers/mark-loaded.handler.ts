import { S3Client } from '@aws-sdk/client-s3';
import { markLoadedInput } from '../shared/state/messages.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { toLambda, traced } from './lambda.ts';
import { markLoaded } from './load/mark-loaded.ts';
import { measuring } from './telling.ts';

const { BUCKET } = readConfig(['BUCKET']);
const deps = { records: s3RecordStore(traced(new S3Client()), BUCKET), clock: systemClock, ...measuring() };

export const handler = toLambda(markLoadedInput, (input, { invocation, tracer }) =>
  markLoaded(input, { ...deps, invocation, tracer }),
);
