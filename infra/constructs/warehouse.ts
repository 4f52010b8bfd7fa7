import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';

/** How the Data API and COPY reach Amazon Redshift: a workgroup of our own, or a warehouse that exists. */
export interface Warehouse {
  /** The functions' WAREHOUSE variable: how a statement names its warehouse. */
  readonly target: {
    readonly workgroupName?: string;
    readonly clusterIdentifier?: string;
    readonly database: string;
    readonly secretArn?: string;
  };
  /**
   * The secret of the admin, who lets the user that loads in.
   * @default - the warehouse is somebody else's, who has granted what that user needs
   */
  readonly adminSecretArn?: string;
  /** @default - unknown, as a workgroup's ARN ends in an id that its name does not tell */
  readonly workgroupArn?: string;
  /** The role that COPY reads the bucket with. */
  readonly copyRoleArn: string;
}

/** The warehouse that the settings name; undefined where they name none, so that one is created. */
export const existingWarehouse = (settings: Settings): Warehouse | undefined => {
  const { workgroupName, workgroupArn, clusterIdentifier, database, secretArn, copyRoleArn } = settings;
  if (copyRoleArn === undefined) return undefined;
  return {
    target: {
      ...(workgroupName !== undefined && { workgroupName }),
      ...(clusterIdentifier !== undefined && { clusterIdentifier }),
      database,
      ...(secretArn !== undefined && { secretArn }),
    },
    ...(workgroupArn !== undefined && { workgroupArn }),
    copyRoleArn,
  };
};

const SUBMIT = ['redshift-data:BatchExecuteStatement', 'redshift-data:ExecuteStatement'];

/**
 * Lets a role submit, describe and cancel statements. A statement can be described only by the role that
 * submitted it: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html. Its condition
 * `statement-owner-iam-userid` would hold each function to its own statements, as the user id has the session's name.
 */
export const grantStatements = (warehouse: Warehouse, role: Role): void => {
  const { clusterIdentifier, secretArn } = warehouse.target;
  const statements = [
    new PolicyStatement({
      actions: [
        'redshift-data:DescribeStatement',
        'redshift-data:GetStatementResult',
        'redshift-data:CancelStatement',
      ],
      resources: ['*'],
    }),
    ...(clusterIdentifier === undefined
      ? onWorkgroup(warehouse, role)
      : onCluster(warehouse, clusterIdentifier, Stack.of(role))),
    ...(secretArn === undefined
      ? []
      : [new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] })]),
  ];
  for (const statement of statements) role.addToPolicy(statement);
};

const onCluster = ({ target }: Warehouse, name: string, stack: Stack): PolicyStatement[] => {
  const arn = (resource: string): string => stack.formatArn({ service: 'redshift', resource });
  const submit = new PolicyStatement({ actions: SUBMIT, resources: [arn(`cluster:${name}`)] });
  if (target.secretArn !== undefined) return [submit];
  const resources = [arn(`dbname:${name}/${target.database}`)];
  return [submit, new PolicyStatement({ actions: ['redshift:GetClusterCredentialsWithIAM'], resources })];
};

const onWorkgroup = ({ target, workgroupArn }: Warehouse, role: Role): PolicyStatement[] => {
  if (workgroupArn === undefined) {
    acknowledge(role, {
      'IAM5[Resource::arn:<AWS::Partition>:redshift-serverless:<AWS::Region>:<AWS::AccountId>:workgroup/*]':
        'allows every workgroup of the account and region, as only the name of the existing one is given; millrace:workgroupArn narrows it to one',
    });
  }
  const any = Stack.of(role).formatArn({ service: 'redshift-serverless', resource: 'workgroup/*' });
  const resources = [workgroupArn ?? any];
  const submit = new PolicyStatement({ actions: SUBMIT, resources });
  if (target.secretArn !== undefined) return [submit];
  return [submit, new PolicyStatement({ actions: ['redshift-serverless:GetCredentials'], resources })];
};
