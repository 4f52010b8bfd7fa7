import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';

/**
 * Lets a role read secrets by their names, which are named, not created, here: Secrets Manager ends their ARN in six random characters.
 * Where keys of the account's own encrypt them, the role may decrypt with those, for these secrets alone and by way of Secrets Manager
 * (docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html). Secrets without such a key need no more.
 */
export const grantSecrets = (role: Role, all: readonly string[], keyArns: readonly string[] = []): void => {
  const names = [...new Set(all)];
  if (names.length === 0) return;
  const stack = Stack.of(role);
  const resources = names.map((name) =>
    stack.formatArn({ service: 'secretsmanager', resource: `secret:${name}-??????` }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
  if (keyArns.length === 0) return;
  role.addToPolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [...keyArns],
      conditions: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.${stack.urlSuffix}` },
        StringLike: { 'kms:EncryptionContext:SecretARN': resources },
      },
    }),
  );
};
