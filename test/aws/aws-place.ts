import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { redshiftDataWarehouse } from '../../handlers/adapters/redshift-data-warehouse.ts';
import { type AwsEnvironment, readAwsEnvironment, targetOf } from './environment.ts';
import { countQueued, runAws } from './event-queue.ts';
import { execute, type Other, type Place, randomNames } from './place.ts';

/** Logs in as its own role, with or without a secret for the first one. */
const toOther = (given: AwsEnvironment, profile: string): Other => {
  const data = new RedshiftDataClient({ region: given.AWS_REGION, profile });
  const warehouse = redshiftDataWarehouse(data, targetOf(given));
  return {
    data,
    warehouse,
    user: async () => String((await execute(warehouse, 'SELECT CURRENT_USER'))[0]?.[0]),
  };
};

/** The bucket and the warehouse that the environment names. */
export const openAwsPlace = async (): Promise<Place> => {
  const given = readAwsEnvironment(process.env);
  const { AWS_REGION: region, MILLRACE_AWS_SECRET: secretArn } = given;
  const { MILLRACE_AWS_OTHER_PROFILE: profile, MILLRACE_AWS_EVENT_QUEUE: queue } = given;
  const s3 = new S3Client({ region });
  const data = new RedshiftDataClient({ region });
  const warehouse = redshiftDataWarehouse(data, { ...targetOf(given), secretArn });
  const names = randomNames();
  await execute(warehouse, `CREATE SCHEMA ${names.schema}`);
  return {
    ...names,
    s3,
    bucket: given.MILLRACE_AWS_BUCKET,
    data,
    warehouse,
    copyRole: given.MILLRACE_AWS_COPY_ROLE,
    other: profile === undefined ? undefined : toOther(given, profile),
    countEvents:
      queue === undefined ? undefined : async (submit) => countQueued(runAws(region), queue, await submit()),
    // https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_SCHEMA.html
    close: async () => {
      await execute(warehouse, `DROP SCHEMA IF EXISTS ${names.schema}, ${names.ownSchema} CASCADE`);
    },
  };
};
