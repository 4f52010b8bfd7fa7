import type { Node } from 'constructs';
import * as z from 'zod';
import { InvalidInput } from '../shared/errors.ts';
import { parseCadence } from '../shared/model/load-cadence.ts';
import { DEPLOYMENT, type DeploymentNames, deploymentNames } from '../shared/state/deployment-names.ts';
import { gotAllowed, toSettingLines } from './settings-problems.ts';

/** A text of a certain form; whatever else is given is refused with what is allowed. */
const shaped = (form: RegExp, allowed: string) =>
  z.string({ error: gotAllowed(allowed) }).regex(form, { error: gotAllowed(allowed) });

/** Values as one text, between commas. */
const listOf = (schema: z.ZodString) =>
  z
    .string({ error: gotAllowed('values between commas') })
    .transform((list) => list.split(',').map((one) => one.trim()))
    .pipe(z.array(schema));

const arn = (service: string, resource: string, example: string) =>
  shaped(
    new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:\\d{12}:${resource}$`),
    `an ARN such as arn:aws:${example}`,
  );

const ids = (prefix: string) =>
  listOf(shaped(new RegExp(`^${prefix}-[0-9a-f]{8,}$`), `${prefix}-0a1b2c3d4e5f60718 and the like`));

/** By the key's id: a policy that names an alias allows nothing. */
const keyArns = listOf(arn('kms', 'key/[0-9a-zA-Z-]+', 'kms:eu-central-1:123456789012:key/1a2b3c4d-…'));

const cadence = z.string({ error: gotAllowed('a duration such as 15m') }).transform((text, context) => {
  try {
    return parseCadence(text);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
});

/**
 * What a deployment chooses, from CDK context: `-c millrace:feeds=feeds`, or the same keys in cdk.json. Every key
 * that starts with `millrace:` has to be one of these; a typo is refused by name.
 */
const settings = z.strictObject({
  /** Folder of feed files. */
  feeds: shaped(/./, 'the path of a folder').default('feeds'),
  /** Names the deployment, where an account and region has several; overlays connections.yaml with connections.<env>.yaml. */
  env: shaped(DEPLOYMENT, '1 to 16 of a-z, 0-9 and -, a letter first, no - last').optional(),
  /** Overlays connections.yaml with connections.<connections>.yaml. @default - as the deployment's name says */
  connections: shaped(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and -').optional(),
  /**
   * An existing Redshift Serverless workgroup; without it and without a cluster, one is created. Names:
   * https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateWorkgroup.html.
   */
  workgroupName: shaped(/^[a-z0-9-]{3,64}$/, '3 to 64 of a-z, 0-9 and -').optional(),
  /** The ARN of that workgroup, so that the functions may use no other. */
  workgroupArn: arn(
    'redshift-serverless',
    'workgroup/[0-9a-f-]+',
    'redshift-serverless:eu-central-1:123456789012:workgroup/1a2b3c4d-…',
  ).optional(),
  /** An existing provisioned cluster. Names: https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html. */
  clusterIdentifier: shaped(/^[a-z][a-z0-9-]{0,62}$/, '1 to 63 of a-z, 0-9 and -, a letter first').optional(),
  /** Names fold to lower case and have at most 127 bytes: https://docs.aws.amazon.com/redshift/latest/dg/r_names.html. */
  database: shaped(/^[a-z][a-z0-9_-]{0,126}$/, '1 to 127 of a-z, 0-9, _ and -, a letter first').optional(),
  /** Secrets Manager secret (ARN) of an existing warehouse's user; without it IAM names the user. */
  secretArn: arn(
    'secretsmanager',
    'secret:[\\w/+=.@!-]+',
    'secretsmanager:eu-central-1:123456789012:secret:dwh-AbCdEf',
  ).optional(),
  /** Role that an existing warehouse assumes for COPY; it must be attached there. The deployment lets it read the bucket. */
  copyRoleArn: arn('iam', 'role/[\\w/+=,.@-]+', 'iam::123456789012:role/copy').optional(),
  /** Where a workgroup that is created lives; without them in the default VPC. */
  subnetIds: ids('subnet').optional(),
  securityGroupIds: ids('sg').optional(),
  /** Where PlanBatch, ExtractSlice and SpoolPage reach sources of `network: vpc`; nothing else is put there. */
  sourceSubnetIds: ids('subnet').optional(),
  sourceSecurityGroupIds: ids('sg').optional(),
  /** Keys that encrypt the buckets of others that feeds read; the functions may decrypt with them. */
  sourceKeyArns: keyArns.optional(),
  /** Keys that encrypt the secrets that feeds name; what reads sources may decrypt those secrets with them. */
  secretKeyArns: keyArns.optional(),
  /** Topic that every alarm notifies; without it alarms only show. */
  alarmTopicArn: arn('sns', '[\\w.-]+', 'sns:eu-central-1:123456789012:alarms').optional(),
  /** Every feed's `load.every`, for those that do not say theirs; in milliseconds. Without it batches are loaded as they are sealed. */
  loadEvery: cadence.optional(),
  /** Accepts sources at http://127.0.0.1, which exist only where the app runs on one machine. */
  loopbackSources: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((v) => v === 'true')], {
      error: gotAllowed('true or false'),
    })
    .default(false),
});
export type Settings = z.infer<typeof settings> & {
  readonly database: string;
  readonly names: DeploymentNames;
};
export const SETTING_NAMES: readonly string[] = Object.keys(settings.shape);

const PREFIX = 'millrace:';

/** Reads the settings of an app from its context. Throws InvalidInput, a line a problem, naming the key. */
export const readSettings = (node: Node): Settings => {
  const context: Record<string, unknown> = node.getAllContext();
  const ours = Object.entries(context).filter(([key]) => key.startsWith(PREFIX));
  const parsed = settings.safeParse(
    Object.fromEntries(ours.map(([key, value]) => [key.slice(PREFIX.length), value])),
  );
  if (!parsed.success) throw new InvalidInput(toSettingLines(parsed.error, PREFIX, SETTING_NAMES).join('\n'));
  const contradiction = contradictionIn(parsed.data);
  if (contradiction !== undefined) throw new InvalidInput(`context ${contradiction}`);
  const names = deploymentNames(parsed.data.env);
  return { ...parsed.data, database: parsed.data.database ?? names.database, names };
};

const OF_EXISTING = ['copyRoleArn', 'secretArn'] as const;
const OF_CREATED = ['subnetIds', 'securityGroupIds'] as const;

/** Settings that do not go together, in a sentence. */
const contradictionIn = (given: z.infer<typeof settings>): string | undefined => {
  const { workgroupName, clusterIdentifier, copyRoleArn, workgroupArn } = given;
  const existing = 'millrace:workgroupName or millrace:clusterIdentifier';
  if (workgroupName !== undefined && clusterIdentifier !== undefined) {
    return 'millrace:workgroupName and millrace:clusterIdentifier are both given; give one';
  }
  const isExisting = workgroupName !== undefined || clusterIdentifier !== undefined;
  if (isExisting && copyRoleArn === undefined) return `millrace:copyRoleArn is missing; ${existing} needs it`;
  if (workgroupArn !== undefined && workgroupName === undefined) {
    return 'millrace:workgroupArn is given without millrace:workgroupName, which it goes with';
  }
  if ((given.sourceSubnetIds === undefined) !== (given.sourceSecurityGroupIds === undefined)) {
    return 'millrace:sourceSubnetIds and millrace:sourceSecurityGroupIds go together; give both';
  }
  const others = (isExisting ? OF_CREATED : OF_EXISTING).filter((key) => given[key] !== undefined);
  if (others.length === 0) return undefined;
  const names = others.map((key) => `${PREFIX}${key}`).join(' and ');
  return isExisting
    ? `${names} is of a workgroup that is created; with ${existing} none is`
    : `${names} is of an existing warehouse; give ${existing} too`;
};

/**
 * CDK behaviour that new apps choose; here, since the app also runs without the CDK CLI and its cdk.json. Strong
 * references keep a stack from being deleted while another one uses what is in it.
 */
export const FEATURE_FLAGS = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
} as const;
