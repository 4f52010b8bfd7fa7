import type { Node } from 'constructs';
import { z } from 'zod';
import { InvalidInput } from '../shared/errors.ts';

/**
 * What a deployment chooses, from CDK context: `-c millrace:feeds=feeds`, or the same keys in cdk.json. Every key
 * that starts with `millrace:` has to be one of these; a typo is refused by name.
 */
const settings = z.strictObject({
  /** Folder of feed files. */
  feeds: z.string().default('feeds'),
  /** Overlays connections.yaml with connections.<env>.yaml. */
  env: z.string().optional(),
  /** An existing Redshift Serverless workgroup; without it and without a cluster, one is created. */
  workgroupName: z.string().optional(),
  /** An existing provisioned cluster. */
  clusterIdentifier: z.string().optional(),
  database: z.string().default('millrace'),
  /** Secrets Manager secret (ARN) of an existing warehouse's user; without it IAM names the user. */
  secretArn: z.string().optional(),
  /** Role that an existing warehouse assumes for COPY; it must be attached there. */
  copyRoleArn: z.string().optional(),
  /** Topic that every alarm notifies; without it alarms only show. */
  alarmTopicArn: z.string().optional(),
  /** Accepts sources at http://127.0.0.1, which exist only where the app runs on one machine. */
  loopbackSources: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((v) => v === 'true')])
    .default(false),
});
export type Settings = z.infer<typeof settings>;

const PREFIX = 'millrace:';

/** Reads the settings of an app from its context. Throws InvalidInput naming the key. */
export const readSettings = (node: Node): Settings => {
  const context: Record<string, unknown> = node.getAllContext();
  const ours = Object.entries(context).filter(([key]) => key.startsWith(PREFIX));
  const parsed = settings.safeParse(
    Object.fromEntries(ours.map(([key, value]) => [key.slice(PREFIX.length), value])),
  );
  if (!parsed.success) {
    throw new InvalidInput(`context ${PREFIX}…: ${z.prettifyError(parsed.error)}`);
  }
  const { workgroupName, clusterIdentifier, copyRoleArn } = parsed.data;
  if (workgroupName !== undefined && clusterIdentifier !== undefined) {
    throw new InvalidInput(
      'context millrace:workgroupName and millrace:clusterIdentifier are both given; give one',
    );
  }
  const isExisting = workgroupName !== undefined || clusterIdentifier !== undefined;
  if (isExisting !== (copyRoleArn !== undefined)) {
    throw new InvalidInput(
      'context millrace:copyRoleArn goes with an existing warehouse (millrace:workgroupName or millrace:clusterIdentifier), and only with one',
    );
  }
  return parsed.data;
};

/** CDK behaviour that new apps choose; here, since the app also runs without the CDK CLI and its cdk.json. */
export const FEATURE_FLAGS = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
} as const;
