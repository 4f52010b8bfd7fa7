import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { functionRole, StateFunction, type StateFunctionProps } from './state-function.ts';
import { grantStatements, type Warehouse } from './warehouse.ts';

export interface OnWarehouse extends StateFunctionProps {
  /** Who submits and describes loads. */
  readonly role: Role;
  readonly environment: Record<string, string>;
}

/**
 * PrepareWarehouse. Where the warehouse's admin is ours, it lets the user that loads in, and has a role of its own: nothing else may read the
 * admin's secret. Otherwise the role names the user, and is that of the loads.
 */
export const prepareWarehouseFunction = (
  scope: Construct,
  warehouse: Warehouse,
  onWarehouse: OnWarehouse,
): StateFunction => {
  const { adminSecretArn } = warehouse;
  const own = adminSecretArn === undefined ? {} : asAdmin(scope, { ...warehouse, adminSecretArn });
  return new StateFunction(scope, 'PrepareWarehouse', {
    ...onWarehouse,
    ...own,
    environment: {
      ...onWarehouse.environment,
      ...(adminSecretArn !== undefined && { ADMIN_SECRET_ARN: adminSecretArn }),
    },
    timeout: Duration.minutes(4),
  });
};

const asAdmin = (
  scope: Construct,
  warehouse: Warehouse & { readonly adminSecretArn: string },
): { readonly role: Role } => {
  const role = functionRole(scope, 'PrepareRole');
  grantStatements(warehouse, role);
  role.addToPolicy(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [warehouse.adminSecretArn],
    }),
  );
  return { role };
};
