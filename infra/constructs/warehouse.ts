import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CompositePrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnNamespace, CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { grantListing, grantObjects } from './grant-objects.ts';

export interface WarehouseProps {
  readonly settings: Settings;
  /** The bucket that COPY reads. */
  readonly bucket: Bucket;
}

interface WarehouseTarget {
  readonly workgroupName?: string;
  readonly clusterIdentifier?: string;
  readonly database: string;
  readonly secretArn?: string;
}

/** Amazon Redshift as the Data API reaches it: a workgroup of our own, or one that exists. */
export class Warehouse extends Construct {
  /** The functions' WAREHOUSE variable: how a statement names its warehouse. */
  readonly target: WarehouseTarget;
  readonly copyRoleArn: string;

  private constructor(scope: Construct, id: string, make: (self: Construct) => [WarehouseTarget, string]) {
    super(scope, id);
    [this.target, this.copyRoleArn] = make(this);
  }

  /** The warehouse that the settings name; where they name none, a new Redshift Serverless one. */
  static of(scope: Construct, id: string, props: WarehouseProps): Warehouse {
    const { settings } = props;
    return new Warehouse(scope, id, (self) => {
      if (settings.copyRoleArn === undefined) return createServerless(self, props);
      return [
        {
          ...(settings.workgroupName !== undefined && { workgroupName: settings.workgroupName }),
          ...(settings.clusterIdentifier !== undefined && { clusterIdentifier: settings.clusterIdentifier }),
          database: settings.database,
          ...(settings.secretArn !== undefined && { secretArn: settings.secretArn }),
        },
        settings.copyRoleArn,
      ];
    });
  }

  /**
   * Lets a role submit, describe and cancel statements. A statement can be described only by the role that
   * submitted it: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html. Its condition
   * `statement-owner-iam-userid` would hold each function to its own statements, as the user id has the session's name.
   */
  grantStatements(role: Role): void {
    const stack = Stack.of(this);
    const { clusterIdentifier, secretArn, database } = this.target;
    const submit = ['redshift-data:BatchExecuteStatement', 'redshift-data:ExecuteStatement'];
    const cluster = (kind: string, name: string): string =>
      stack.formatArn({ service: 'redshift', resource: `${kind}:${name}` });
    const statements: PolicyStatement[] = [
      new PolicyStatement({
        actions: [
          'redshift-data:DescribeStatement',
          'redshift-data:GetStatementResult',
          'redshift-data:CancelStatement',
        ],
        resources: ['*'],
      }),
    ];
    if (clusterIdentifier !== undefined) {
      statements.push(
        new PolicyStatement({ actions: submit, resources: [cluster('cluster', clusterIdentifier)] }),
      );
      if (secretArn === undefined) {
        const resources = [cluster('dbname', `${clusterIdentifier}/${database}`)];
        statements.push(
          new PolicyStatement({ actions: ['redshift:GetClusterCredentialsWithIAM'], resources }),
        );
      }
    } else {
      acknowledge(role, {
        'IAM5[Resource::arn:<AWS::Partition>:redshift-serverless:<AWS::Region>:<AWS::AccountId>:workgroup/*]':
          'the ARN ends in an id that a workgroup has only once it exists',
      });
      // The workgroup's ARN ends in an id that its name does not tell, so the account's workgroups are named.
      const resources = [stack.formatArn({ service: 'redshift-serverless', resource: 'workgroup/*' })];
      statements.push(new PolicyStatement({ actions: submit, resources }));
      if (secretArn === undefined) {
        statements.push(new PolicyStatement({ actions: ['redshift-serverless:GetCredentials'], resources }));
      }
    }
    if (secretArn !== undefined) {
      statements.push(
        new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
      );
    }
    for (const statement of statements) role.addToPolicy(statement);
  }
}

/** Redshift Serverless at its smallest base capacity: nothing is billed while no load runs. */
const createServerless = (scope: Construct, props: WarehouseProps): [WarehouseTarget, string] => {
  const { database } = props.settings;
  const copyRole = createCopyRole(scope, props.bucket);
  const admin = createAdminSecret(scope);
  const namespace = new CfnNamespace(scope, 'Namespace', {
    namespaceName: Stack.of(scope).stackName.toLowerCase(),
    dbName: database,
    adminUsername: ADMIN,
    adminUserPassword: admin.secretValueFromJson('password').unsafeUnwrap(),
    iamRoles: [copyRole.roleArn],
    defaultIamRoleArn: copyRole.roleArn,
    logExports: ['userlog', 'connectionlog', 'useractivitylog'],
  });
  namespace.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const workgroup = new CfnWorkgroup(scope, 'Workgroup', {
    workgroupName: namespace.namespaceName,
    namespaceName: namespace.namespaceName,
    baseCapacity: 8,
    publiclyAccessible: false,
    configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
  });
  workgroup.addResourceDependency(namespace);
  return [{ workgroupName: workgroup.workgroupName, database, secretArn: admin.secretArn }, copyRole.roleArn];
};

const ADMIN = 'millrace';

/** The database user that owns everything Millrace creates; the Data API logs in with it. */
const createAdminSecret = (scope: Construct): Secret => {
  const secret = new Secret(scope, 'Admin', {
    description: 'the Redshift user that loads',
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username: ADMIN }),
      generateStringKey: 'password',
      passwordLength: 48,
      // What Redshift does not take in a password:
      // https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateNamespace.html
      excludeCharacters: '/@"\'\\ :',
    },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(secret, {
    SMG4: 'CloudFormation writes the password into the namespace; rotating it elsewhere would part the two',
  });
  return secret;
};

const createCopyRole = (scope: Construct, bucket: Bucket): Role => {
  const role = new Role(scope, 'CopyRole', {
    description: 'read by COPY',
    assumedBy: new CompositePrincipal(
      new ServicePrincipal('redshift.amazonaws.com'),
      new ServicePrincipal('redshift-serverless.amazonaws.com'),
    ),
  });
  grantObjects(bucket, role, ['s3:GetObject'], ['staged/*', 'loads/*']);
  grantListing(bucket, role);
  return role;
};
