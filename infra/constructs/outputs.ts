import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import type { Functions } from './functions.ts';
import type { Warehouse } from './warehouse.ts';

export interface Shown {
  readonly bucket: Bucket;
  readonly warehouse: Warehouse;
  readonly names: DeploymentNames;
  readonly functions: Functions;
  readonly machines: Readonly<Record<string, StateMachine>>;
  readonly deadLetters: Queue;
}

/** What an operator's command has to know of a deployment, as outputs of its pipeline's stack. docs/deploy.md lists them. */
export const showOutputs = (stack: Stack, shown: Shown): void => {
  const { bucket, warehouse, names, functions, deadLetters } = shown;
  const { target, copyRoleArn } = warehouse;
  const { extract, warehouseRole } = functions;
  const outputs: Readonly<Record<string, string | undefined>> = {
    BucketName: bucket.bucketName,
    WorkgroupName: target.workgroupName,
    ClusterIdentifier: target.clusterIdentifier,
    DatabaseName: target.database,
    WarehouseSecretArn: target.secretArn,
    WarehouseRoleName: warehouseRole.roleName,
    WarehouseRoleArn: warehouseRole.roleArn,
    PlanBatchRoleArn: extract.planBatch.role.roleArn,
    ExtractSliceRoleArn: extract.extractSlice.role.roleArn,
    SpoolPageRoleArn: extract.spoolPage.role.roleArn,
    CopyRoleArn: copyRoleArn,
    EventBusName: 'default',
    EventSource: names.eventSource,
    StatementPrefix: names.statementPrefix,
    DeadLettersUrl: deadLetters.queueUrl,
    ...ofMachines(shown),
    ...ofFunctions(functions),
  };
  for (const [name, value] of Object.entries(outputs)) {
    if (value !== undefined) new CfnOutput(stack, name, { value });
  }
};

const ofMachines = ({ machines, names }: Shown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(machines).flatMap(([name, { stateMachineArn }]) => [
      [`${name}MachineArn`, stateMachineArn],
      [`${name}MachineLogGroup`, names.machineLogGroup(name)],
    ]),
  );

const ofFunctions = ({ extract, load, settle, sweep }: Functions): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [extract, load, settle, sweep]
      .flatMap((of) => Object.values(of))
      .map(({ node, logGroup }) => [`${node.id}LogGroup`, logGroup.logGroupName]),
  );
