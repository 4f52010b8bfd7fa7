import { resolve } from 'node:path';
import { REGION } from '../assembly/names.ts';
import type { FunctionModel } from '../assembly/resources.ts';
import type { AccessKey } from '../iam/access-key.ts';
import type { Endpoints } from '../local-cloud.ts';

/** Names the folder in which environments keep what Node compiled. The runtime takes it away before the handler is imported. */
export const COMPILED = 'MILLRACE_COMPILED';

/**
 * All that a function's process finds in its environment: the template's variables, those that Lambda sets
 * (docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html), and where the services are. Of the caller's
 * own environment it gets PATH and NODE_EXTRA_CA_CERTS only.
 */
export const variablesOf = (
  fn: FunctionModel,
  endpoints: Endpoints,
  key: Required<AccessKey>,
): Readonly<Record<string, string>> => ({
  PATH: process.env.PATH ?? '',
  ...extraAuthorities(process.env.NODE_EXTRA_CA_CERTS),
  LANG: 'en_US.UTF-8',
  TZ: 'UTC',
  ...fn.environment,
  _HANDLER: fn.handler,
  LAMBDA_TASK_ROOT: fn.codeFolder,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: fn.name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  AWS_SESSION_TOKEN: key.sessionToken,
  AWS_XRAY_DAEMON_ADDRESS: endpoints.xray,
  AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
  AWS_ENDPOINT_URL: endpoints.refusing,
  AWS_ENDPOINT_URL_S3: endpoints.s3,
  AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoints.redshiftData,
  AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventBridge,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
});

/** A function runs in a folder of its own. */
const extraAuthorities = (file: string | undefined): Readonly<Record<string, string>> =>
  file === undefined || file === '' ? {} : { NODE_EXTRA_CA_CERTS: resolve(file) };
