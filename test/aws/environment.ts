import * as z from 'zod';
import { InvalidInput } from '../../shared/errors.ts';
import { describeIssues } from '../../shared/model/describe-issues.ts';

/** What the tests on AWS are told by environment variables. Credentials are found as any SDK finds them. */

const name = z.string({ error: 'is not set' }).min(1, 'is empty');
const arn = name.startsWith('arn:', 'is not an ARN');

const variables = z
  .strictObject({
    MILLRACE_AWS: z.literal('1', { error: 'is not 1' }),
    AWS_REGION: name,
    /** Versioned, in that region. */
    MILLRACE_AWS_BUCKET: name,
    /** One of these two. */
    MILLRACE_AWS_WORKGROUP: name.optional(),
    MILLRACE_AWS_CLUSTER: name.optional(),
    MILLRACE_AWS_DATABASE: name,
    /** Of the user that loads; without it, the role of the credentials does. */
    MILLRACE_AWS_SECRET: arn.optional(),
    /** Attached to the warehouse, and reads the bucket. */
    MILLRACE_AWS_COPY_ROLE: arn,
    /** A profile of another role that may use the warehouse too: what only two users can answer is asked with it. */
    MILLRACE_AWS_OTHER_PROFILE: name.optional(),
    /** URL of a queue that gets the completion events of the statement `millrace-aws-event`. */
    MILLRACE_AWS_EVENT_QUEUE: name.startsWith('https://', 'is not a URL').optional(),
  })
  .superRefine((given, context) => {
    if ((given.MILLRACE_AWS_WORKGROUP === undefined) === (given.MILLRACE_AWS_CLUSTER === undefined))
      context.addIssue('give one of MILLRACE_AWS_WORKGROUP, MILLRACE_AWS_CLUSTER');
  });
export type AwsEnvironment = z.infer<typeof variables>;

/** Which warehouse, and the database in it. */
export const targetOf = (given: AwsEnvironment) => ({
  workgroupName: given.MILLRACE_AWS_WORKGROUP,
  clusterIdentifier: given.MILLRACE_AWS_CLUSTER,
  database: given.MILLRACE_AWS_DATABASE,
});

/** All of them, by name. */
export const AWS_VARIABLES: readonly string[] = Object.keys(variables.shape);

/** What there is to say to a person who has not asked for AWS. */
export const NEEDS_AWS = `skipped: these tests use an AWS account, and cost cents; docs/aws-tests.md says what they need.
MILLRACE_AWS=1 runs them, with ${AWS_VARIABLES.filter((variable) => variable !== 'MILLRACE_AWS').join(', ')}`;

/** Throws InvalidInput with the name of each variable that is missing, wrong or not known. */
export const readAwsEnvironment = (
  environment: Readonly<Record<string, string | undefined>>,
): AwsEnvironment => {
  const ours = Object.entries(environment).filter(
    ([variable, value]) =>
      value !== undefined && (variable.startsWith('MILLRACE_AWS') || variable === 'AWS_REGION'),
  );
  const parsed = variables.safeParse(Object.fromEntries(ours));
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`environment variable ${describeIssues(parsed.error)}`);
};
