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
  const { database, subnetIds, securityGroupIds } = settings;
  const copyRole = createCopyRole(scope, bucket);
  const admin = createAdminSecret(scope);
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
    baseCapacity: 8,
    publiclyAccessible: false,
    ...(subnetIds !== undefined && { subnetIds }),
    ...(securityGroupIds !== undefined && { securityGroupIds }),
    configParameters: [{ parameterKey: 'require_ssl', parameterValue: 'true' }],
  });
  workgroup.addResourceDependency(namespace);
  for (const resource of [namespace, workgroup]) resource.applyRemovalPolicy(KEPT);
  return {
    target: { workgroupName: workgroup.workgroupName, database, secretArn: admin.secretArn },
    workgroupArn: workgroup.attrWorkgroupWorkgroupArn,
    copyRoleArn: copyRole.roleArn,
  };
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
    removalPolicy: KEPT,
  });
  acknowledge(secret, {
    SMG4: 'CloudFormation writes the password into the namespace; rotating it elsewhere would part the two',
  });
  return secret;
};
