import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { GetBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { redshiftDataWarehouse } from '../../handlers/adapters/redshift-data-warehouse.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { type AwsEnvironment, targetOf } from './environment.ts';
import { execute } from './place.ts';

/** What would fail every test alike is told once, before any of them. Throws InvalidInput that says what is missing, and where it is explained. */
export const lookFirst = async (given: AwsEnvironment): Promise<void> => {
  const { AWS_REGION: region, MILLRACE_AWS_BUCKET: bucket, MILLRACE_AWS_SECRET: secretArn } = given;
  const s3 = new S3Client({ region });
  await orTell('no credentials were found; name some, as with AWS_PROFILE', () => s3.config.credentials());
  const { Status } = await orTell(`bucket ${bucket} cannot be asked`, () =>
    s3.send(new GetBucketVersioningCommand({ Bucket: bucket })),
  );
  if (Status !== 'Enabled') throw tell(`bucket ${bucket} has no versions, and needs them`);
  const warehouse = redshiftDataWarehouse(new RedshiftDataClient({ region }), {
    ...targetOf(given),
    secretArn,
  });
  await orTell('the warehouse does not answer', () => execute(warehouse, 'SELECT 1'));
};

const tell = (what: string, cause?: unknown): InvalidInput =>
  new InvalidInput(`${what}; docs/aws-tests.md says what these tests need`, { cause });

const orTell = async <T>(what: string, look: () => Promise<T>): Promise<T> => {
  try {
    return await look();
  } catch (error) {
    throw tell(`${what}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
};
