import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { prepareWarehouseInput } from '../shared/state/messages.ts';
import { redshiftDataWarehouse } from './adapters/redshift-data-warehouse.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { readConfig } from './config.ts';
import { toLambda, traced } from './lambda.ts';
import { prepareWarehouse } from './load/prepare-warehouse.ts';

const { BUCKET, WAREHOUSE } = readConfig(['BUCKET', 'WAREHOUSE']);
const deps = {
  records: s3RecordStore(traced(new S3Client()), BUCKET),
  warehouse: redshiftDataWarehouse(traced(new RedshiftDataClient()), WAREHOUSE),
  database: WAREHOUSE.database,
};

export const handler = toLambda(prepareWarehouseInput, async (input, { signal, invocation, log }) => {
  const prepared = await prepareWarehouse(input, { ...deps, signal, invocation });
  for (const warning of prepared.warnings ?? []) log.warn(warning);
  return prepared;
});
