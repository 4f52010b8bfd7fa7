import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/**
 * The right to send to a queue whose key is the account's; undefined for one that AWS's own key encrypts, which asks for none:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html.
 */
export const queueKeyRight = ({ encryptionMasterKey: key }: Queue): PolicyStatement | undefined =>
  key === undefined
    ? undefined
    : new PolicyStatement({ actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: [key.keyArn] });

/** Lets a role use the key of a queue that it may send to. */
export const grantQueueKey = (queue: Queue, role: IRole): void => {
  const right = queueKeyRight(queue);
  if (right !== undefined) role.addToPrincipalPolicy(right);
};
