import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from './assembly/assembly.ts';
import { ACCOUNT, REGION } from './assembly/names.ts';
import type { AccessKey } from './iam/access-key.ts';
import { CLIENT_FILE, type CloudFile, type Endpoints } from './local-cloud.ts';
import { PRIVATE_FILE } from './private-files.ts';

const CLOUD_FILE = 'cloud.json';

/** Writes what says where the cloud is and how to get in, readable by its owner alone. Answers what removes it. */
export const writeCloudFiles = (
  data: string,
  assembly: Assembly,
  endpoints: Endpoints,
  operator: AccessKey,
): (() => void) => {
  const file: CloudFile = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    assembly: assembly.folder,
    region: REGION,
    account: ACCOUNT,
    buckets: assembly.buckets.map((bucket) => bucket.name),
    workgroups: assembly.workgroups.map(({ name, namespace }) => ({
      name,
      database: assembly.namespaces.find((one) => one.name === namespace)?.database ?? '',
    })),
    endpoints,
    credentials: operator,
  };
  writeWhole(join(data, CLIENT_FILE), toShellText(endpoints, operator));
  writeWhole(join(data, CLOUD_FILE), JSON.stringify(file, undefined, 2));
  return () => {
    for (const name of [CLOUD_FILE, CLIENT_FILE]) rmSync(join(data, name), { force: true });
  };
};

/** Whole or not at all: others read it while it is written. What a killed run left may have other modes. */
const writeWhole = (path: string, text: string): void => {
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, text, PRIVATE_FILE);
  renameSync(`${path}.new`, path);
};

/**
 * Variables that ordinary clients read: docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html, and rclone.org/docs of its
 * backend s3. Every other service of AWS leads to the server that refuses, so that no call leaves the machine.
 */
const toShellText = (endpoints: Endpoints, { accessKeyId, secretAccessKey }: AccessKey): string => {
  const variables = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL: endpoints.refusing,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoints.redshiftData,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventBridge,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    RCLONE_S3_PROVIDER: 'Other',
    RCLONE_S3_ENV_AUTH: 'true',
    RCLONE_S3_ENDPOINT: endpoints.s3,
    RCLONE_S3_REGION: REGION,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  return [
    '# Keys and endpoints of the local cloud that runs now; read them into a shell with `. THIS-FILE`.',
    'unset AWS_PROFILE AWS_SESSION_TOKEN',
    ...lines,
    '',
  ].join('\n');
};
