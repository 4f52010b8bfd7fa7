import { S3Client } from '@aws-sdk/client-s3';
import { planLoadInput } from '../shared/state/messages.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { readFeedsFile } from './feeds-file.ts';
import { toLambda, traced } from './lambda.ts';
import { planLoad } from './load/plan-load.ts';

const { BUCKET } = readConfig(['BUCKET']);
const deps = {
  records: s3RecordStore(traced(new S3Client()), BUCKET),
  clock: systemClock,
  feeds: readFeedsFile(),
  inFlight: new Map(),
  gathering: new Map(),
  pending: new Map(),
};

export const handler = toLambda(planLoadInput, (input, { invocation, tracer }) =>
  planLoad(input, { ...deps, invocation, tracer }),
);
