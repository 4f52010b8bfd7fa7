import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnNamespace, CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { createCopyRole } from '../constructs/copy-role.ts';
import { KEPT } from '../constructs/kept.ts';
import type { Warehouse } from '../constructs/warehouse.ts';
import type { Settings } from '../settings.ts';

export interface WarehouseStackProps extends StackProps {
  readonly settings: Settings;
  /** The bucket that COPY reads. */
  readonly bucket: Bucket;
}

/**
 * The warehouse where no existing one is named. A stack of its own: a deployment that moves to an existing warehouse leaves
 * it as it is, with all its rows, and nothing that is deployed has to give up an export that another stack still imports.
 * Without termination protection, which would keep `cdk deploy` from clearing away a first attempt that failed; what holds data is
 * kept in any case.
 */
export class WarehouseStack extends Stack {
  readonly warehouse: Warehouse;

  constructor(scope: Construct, id: string, props: WarehouseStackProps) {
    super(scope, id, props);
    this.warehouse = createServerless(new Construct(this, 'Warehouse'), props);
  }
}

/** Redshift Serverless at a small base capacity: nothing is billed while no load runs. */
const createServerless = (scope: Construct, { settings, bucket }: WarehouseStackProps): Warehouse => {
  const { database, subnetIds, securityGroupIds, baseCapacity = 8, maxCapacity = 32 } = settings;
  const copyRole = createCopyRole(scope, bucket);
  const admin = createUserSecret(scope, 'Admin', ADMIN);
  const loader = createUserSecret(scope, 'Loader', LOADER);
  acknowledge(admin, {
    SMG4: 'CloudFormation writes the password into the namespace; rotating it elsewhere would part the two',
  });
  acknowledge(loader, {
    SMG4: "a new value is the user's password from the next load on; who wants a rotation can have one",
  });
  const namespace = new CfnNamespace(scope, 'Namespace', {
    namespaceName: settings.names.warehouse,
    dbName: database,
    adminUsername: ADMIN,
    adminUserPassword: admin.secretValueFromJson('password').unsafeUnwrap(),
    iamRoles: [copyRole.roleArn],
    defaultIamRoleArn: copyRole.roleArn,
    logExports: ['userlog', 'connectionlog', 'useractivitylog'],
  });
  const workgroup = new CfnWorkgroup(scope, 'Workgroup', {
    workgroupName: namespace.namespaceName,
    namespaceName: namespace.namespaceName,
    baseCapacity,
    // What one hour may cost: a query that Redshift scales for has no other bound.
    maxCapacity: Math.max(baseCapacity, maxCapacity),
    publiclyAccessible: false,
    ...(subnetIds !== undefined && { subnetIds }),
    ...(securityGroupIds !== undefined && { securityGroupIds }),
    configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
  });
  workgroup.addResourceDependency(namespace);
  for (const resource of [namespace, workgroup]) resource.applyRemovalPolicy(KEPT);
  return {
    target: { workgroupName: workgroup.workgroupName, database, secretArn: loader.secretArn },
    adminSecretArn: admin.secretArn,
    workgroupArn: workgroup.attrWorkgroupWorkgroupArn,
    copyRoleArn: copyRole.roleArn,
  };
};

/** Who makes the user that loads, and does nothing else of Millrace's. */
const ADMIN = 'millrace';
/** Owns everything that Millrace creates. */
const LOADER = 'millrace_loader';

/** Of a database user, as the Data API logs in with it. */
const createUserSecret = (scope: Construct, id: string, username: string): Secret =>
  new Secret(scope, id, {
    description: `the Redshift user ${username}`,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username }),
      generateStringKey: 'password',
      passwordLength: 48,
      // What Redshift does not take in a password:
      // https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateNamespace.html
      excludeCharacters: '/@"\'\\ :',
    },
    removalPolicy: KEPT,
  });
