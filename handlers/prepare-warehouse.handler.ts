import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { prepareWarehouseInput } from '../shared/state/messages.ts';
import { redshiftDataWarehouse } from './adapters/redshift-data-warehouse.ts';
import { s3RecordStore } from './adapters/s3-record-store.ts';
import { secretsManager } from './adapters/secrets-manager.ts';
import { systemClock } from './adapters/system-clock.ts';
import { readConfig } from './config.ts';
import { type Invocation, toLambda, traced } from './lambda.ts';
import { admitLoader } from './load/admit-loader.ts';
import { prepareWarehouse } from './load/prepare-warehouse.ts';

const { BUCKET, WAREHOUSE, ADMIN_SECRET_ARN } = readConfig(['BUCKET', 'WAREHOUSE', 'ADMIN_SECRET_ARN']);
const data = traced(new RedshiftDataClient());
const secretsClient = traced(new SecretsManagerClient());
const { database, secretArn: loaderSecret } = WAREHOUSE;
const deps = {
  records: s3RecordStore(traced(new S3Client()), BUCKET),
  warehouse: redshiftDataWarehouse(data, WAREHOUSE),
  database,
  clock: systemClock,
};

const admitBy = ({ redactor, signal }: Invocation) => {
  if (ADMIN_SECRET_ARN === undefined || loaderSecret === undefined) return undefined;
  const warehouse = redshiftDataWarehouse(data, { ...WAREHOUSE, secretArn: ADMIN_SECRET_ARN });
  const secrets = secretsManager(secretsClient, redactor);
  const names = { adminSecret: ADMIN_SECRET_ARN, loaderSecret };
  return () => admitLoader({ warehouse, database, secrets, ...names, redactor, signal });
};

export const handler = toLambda(prepareWarehouseInput, async (input, invoked) => {
  const { signal, invocation, log } = invoked;
  const prepared = await prepareWarehouse(input, { ...deps, signal, invocation, admit: admitBy(invoked) });
  for (const warning of prepared.warnings ?? []) log.warn(warning);
  return prepared;
});
