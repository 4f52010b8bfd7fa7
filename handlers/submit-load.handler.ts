import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { submitLoadInput } from '../shared/state/messages.ts';
import { redshiftDataWarehouse } from './adapters/redshift-data-warehouse.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { toLambda, traced } from './lambda.ts';
import { submitLoad } from './load/submit-load.ts';

const { BUCKET, WAREHOUSE, COPY_ROLE_ARN, STATEMENT_PREFIX } = readConfig([
  'BUCKET',
  'WAREHOUSE',
  'COPY_ROLE_ARN',
  'STATEMENT_PREFIX',
]);
const deps = {
  records: s3RecordStore(traced(new S3Client()), BUCKET),
  warehouse: redshiftDataWarehouse(traced(new RedshiftDataClient()), WAREHOUSE),
  database: WAREHOUSE.database,
  clock: systemClock,
  bucket: BUCKET,
  copyRole: COPY_ROLE_ARN,
  statementPrefix: STATEMENT_PREFIX,
};

export const handler = toLambda(submitLoadInput, (input, { invocation, signal, tracer }) =>
  submitLoad(input, { ...deps, invocation, signal, tracer }),
);
