import { demand, ServiceError } from '../aws-json-server.ts';
import type { Caller } from '../iam/access.ts';
import type { Statement } from './statement.ts';
import type { StatementStore } from './statement-store.ts';
import type { WarehouseName } from './warehouse-name.ts';

/**
 * The Data API's actions on statements take no resource (docs.aws.amazon.com/service-authorization/latest/reference/
 * list_amazonredshiftdataapi.html): only a policy that names all has them.
 */
export const ANY_RESOURCE = '*';

/** Whether a statement is shown to a caller: its own role's alone (docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html). */
export const isOwn = ({ role }: Statement, caller: Caller): boolean =>
  caller.roleArn === undefined || role === caller.roleArn;

/** Throws AccessDeniedException unless the caller may do this with a statement, which its own role submitted. */
export const demandOwn = (store: StatementStore, caller: Caller, action: string, id: string): void => {
  demand(caller, action, ANY_RESOURCE);
  const statement = store.get(id.split(':')[0] ?? '');
  if (statement === undefined || isOwn(statement, caller)) return;
  throw new ServiceError(
    'AccessDeniedException',
    `User: ${caller.principal} is not authorized to perform: ${action} on statement ${id}, which ${statement.role ?? 'the operator'} submitted`,
  );
};

interface Login {
  /** Of the workgroup or cluster. */
  readonly arn: string;
  readonly warehouse: WarehouseName;
  readonly secretArn: string | undefined;
}

/** Throws AccessDeniedException unless the caller may log in as it asks: by a secret, or else by its role's own name. */
export const demandLogin = (caller: Caller, { arn, warehouse, secretArn }: Login): void => {
  if (secretArn !== undefined) demand(caller, 'secretsmanager:GetSecretValue', secretArn);
  else if (warehouse.workgroupName !== undefined) demand(caller, 'redshift-serverless:GetCredentials', arn);
  else {
    const database = `${arn.replace(':cluster:', ':dbname:')}/${warehouse.database}`;
    demand(caller, 'redshift:GetClusterCredentialsWithIAM', database);
  }
};
