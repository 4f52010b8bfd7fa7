import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { describeLoadInput } from '../shared/state/messages.ts';
import { redshiftDataWarehouse } from './adapters/redshift-data-warehouse.ts';
import { s3OpenStaged } from './adapters/s3-open-staged.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { toLambda, traced } from './lambda.ts';
import { describeLoad } from './load/describe-load.ts';

const { BUCKET, WAREHOUSE, STATEMENT_PREFIX } = readConfig(['BUCKET', 'WAREHOUSE', 'STATEMENT_PREFIX']);
const s3 = traced(new S3Client());
const deps = {
  records: s3RecordStore(s3, BUCKET),
  open: s3OpenStaged(s3, BUCKET),
  clock: systemClock,
  statementPrefix: STATEMENT_PREFIX,
  warehouse: redshiftDataWarehouse(traced(new RedshiftDataClient()), WAREHOUSE),
};

export const handler = toLambda(describeLoadInput, (input, { signal, tracer }) =>
  describeLoad(input, { ...deps, signal, tracer }),
);
