import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { redshiftDataWarehouse } from '../../handlers/adapters/redshift-data-warehouse.ts';
import { startS3 } from '../../infra/local/s3/server.ts';
import { startWarehouse } from '../infra/local/redshift/start-warehouse.ts';
import { type Place, randomNames, waitForEnd } from './place.ts';

const BUCKET = 'bucket';
const REGION = 'eu-central-1';
const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';
const WORKGROUP = { workgroupName: 'local', database: 'dev' };

/** Each role's name is its access key id. */
const roleOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const keyOf = (name: string) => ({ accessKeyId: name, secretAccessKey: 'test' });
const ALL = [{ effect: 'Allow' as const, actions: ['*'], resources: ['*'], conditions: [] }];
const ROLES = ['test', 'other'];
const ACCESS = {
  table: {
    keys: Object.fromEntries(
      ROLES.map((name) => [name, { secretAccessKey: 'test', role: { arn: roleOf(name), session: 's' } }]),
    ),
    roles: Object.fromEntries(ROLES.map((name) => [roleOf(name), ALL])),
    buckets: {},
  },
  copyKeys: { [COPY_ROLE]: keyOf('copy') },
};

/** The local cloud's S3 and warehouse, in a folder of their own, for two roles. */
export const openLocalPlace = async (): Promise<Place> => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-place-'));
  const server = await startS3({
    dir: join(dir, 's3'),
    buckets: [{ name: BUCKET, isVersioned: true, hasEventBridge: false }],
    account: '123456789012',
    region: REGION,
    onEvent: ({ id }) => server.acknowledge(id),
  });
  const running = await startWarehouse(join(dir, 'redshift'), server.url, { access: ACCESS });
  const s3 = new S3Client({ endpoint: server.url, region: REGION, credentials: keyOf('test') });
  const endpoint = running.child.url;
  const ofOther = new RedshiftDataClient({ endpoint, region: REGION, credentials: keyOf('other') });
  const names = randomNames();
  const warehouse = redshiftDataWarehouse(running.client, WORKGROUP);
  await warehouse.execute(`CREATE SCHEMA ${names.schema}`, new AbortController().signal);
  return {
    ...names,
    s3,
    bucket: BUCKET,
    data: running.client,
    warehouse,
    copyRole: COPY_ROLE,
    other: { data: ofOther, warehouse: redshiftDataWarehouse(ofOther, WORKGROUP), user: async () => 'other' },
    countEvents: async (submit) => {
      const id = await submit();
      await waitForEnd(running.client, id);
      await running.child.flush();
      return running.events.filter(({ detail }) => detail.statementId === id).length;
    },
    close: async () => {
      for (const client of [s3, ofOther]) client.destroy();
      await running.child.stop();
      await server.close();
      rmSync(dir, { recursive: true });
    },
  };
};
