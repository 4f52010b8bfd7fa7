import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { InvalidInput } from '../../shared/errors.ts';
import { acknowledge } from './acknowledge.ts';

/** Secrets of one folder (`millrace/` of `millrace/jazz`) that are named one by one. Where a folder has more, all that lies below it may be read. */
const MOST_OF_FOLDER = 20;

/** Names in a role's own policy; more go into managed ones. */
const MOST_INLINE = 30;

/**
 * A managed policy has 6,144 characters, and a role ten of them: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
 * Some are left for rights that grow too, and for what stands around the names.
 */
const MOST_CHARACTERS = 5_700;
const MOST_POLICIES = 8;

/** `arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:` and what stands around each name. */
const CHARACTERS_AROUND = 75;

/**
 * Lets a role read secrets by their names, which are named, not created, here: Secrets Manager ends their ARN in six random characters.
 * Where keys of the account's own encrypt them, the role may decrypt with those, for these secrets alone and by way of Secrets Manager
 * (docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html). Secrets without such a key need no more. Throws InvalidInput where
 * they are too many for IAM.
 */
export const grantSecrets = (role: Role, all: readonly string[], keyArns: readonly string[] = []): void => {
  const names = [...new Set(all)];
  if (names.length === 0) return;
  const stack = Stack.of(role);
  const { single, folders } = byFolder(names);
  for (const folder of folders) acknowledgeFolder(role, folder);
  const patterns = [...folders.map((folder) => `${folder}*`), ...single.map((name) => `${name}-??????`)];
  const toArns = (some: readonly string[]): string[] =>
    some.map((name) => stack.formatArn({ service: 'secretsmanager', resource: `secret:${name}` }));
  const reading = (some: readonly string[]): PolicyStatement =>
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: toArns(some) });

  if (patterns.length <= MOST_INLINE) role.addToPolicy(reading(patterns));
  else
    for (const [index, some] of toPolicies(patterns).entries())
      new ManagedPolicy(role, `Secrets${index + 1}`, { statements: [reading(some)], roles: [role] });
  if (keyArns.length === 0) return;
  // Many secrets are held apart by the right to read them alone, which Secrets Manager asks for first.
  const secrets = patterns.length <= MOST_INLINE ? toArns(patterns) : undefined;
  role.addToPolicy(decryption(stack, keyArns, secrets));
};

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);

const byFolder = (names: readonly string[]) => {
  const folders = Map.groupBy(names, folderOf);
  const isWhole = (folder: string): boolean =>
    folder !== '' && (folders.get(folder)?.length ?? 0) > MOST_OF_FOLDER;
  return {
    folders: [...folders.keys()].filter(isWhole),
    single: names.filter((name) => !isWhole(folderOf(name))),
  };
};

/** The patterns of each policy. Throws InvalidInput. */
const toPolicies = (patterns: readonly string[]): readonly (readonly string[])[] => {
  const policies: string[][] = [];
  let room = 0;
  for (const pattern of patterns) {
    const characters = pattern.length + CHARACTERS_AROUND;
    if (characters > room) {
      policies.push([]);
      room = MOST_CHARACTERS;
    }
    policies.at(-1)?.push(pattern);
    room -= characters;
  }
  if (policies.length <= MOST_POLICIES) return policies;
  throw new InvalidInput(
    `feeds name ${patterns.length} secrets one by one, which fill ${policies.length} policies, allowed ${MOST_POLICIES}: put the secrets below one folder, as millrace/jazz is below millrace/`,
  );
};

const acknowledgeFolder = (role: Role, folder: string): void =>
  acknowledge(role, {
    [`IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${folder}*]`]: `feeds name more than ${MOST_OF_FOLDER} secrets below ${folder}`,
  });

const decryption = (
  { region, urlSuffix }: Stack,
  keyArns: readonly string[],
  secrets: readonly string[] | undefined,
): PolicyStatement =>
  new PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [...keyArns],
    conditions: {
      StringEquals: { 'kms:ViaService': `secretsmanager.${region}.${urlSuffix}` },
      ...(secrets !== undefined && { StringLike: { 'kms:EncryptionContext:SecretARN': secrets } }),
    },
  });
