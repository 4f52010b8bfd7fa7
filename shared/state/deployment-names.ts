/**
 * Every name by which deployments of one account and region are told apart. Where no name is listed here, CloudFormation makes
 * it of the stack's: functions, roles, machines, rules, schedules, queues, alarms, buckets, secrets.
 */
export interface DeploymentNames {
  readonly stacks: { readonly storage: string; readonly warehouse: string; readonly pipeline: string };
  /** The `source` of events, and what rules match. */
  readonly eventSource: OwnSource;
  /** What the Data API's statement names begin with; that of one deployment begins with that of no other. */
  readonly statementPrefix: string;
  /** `service` of log lines, traces and metrics. */
  readonly service: string;
  /** Of the namespace and the workgroup that are created. */
  readonly warehouse: string;
  /** The database where the settings name none. Two deployments in one database would share ledger and tables. */
  readonly database: string;
  /** Of the policy on a COPY role that is given: the policies of one role are told apart by name. */
  readonly copyPolicy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Where Step Functions writes what a machine does. */
  machineLogGroup(machine: string): string;
  /** The secret that a feed means: `millrace/jazz` is `millrace-test/jazz` in the deployment test; other ids are taken as they stand. */
  secretId(id: string): string;
}

const MILLRACE = 'millrace';

/** What a deployment may be called: the names made of it are those of stacks, workgroups, buckets and event sources. */
export const DEPLOYMENT = /^[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/;

/** The `source` of events of any deployment. */
export type OwnSource = typeof MILLRACE | `${typeof MILLRACE}-${string}`;
export const isOwnSource = (source: unknown): source is OwnSource =>
  typeof source === 'string' && /^millrace(?:-[a-z0-9-]+)?$/.test(source);

/** The names of a deployment; without a name it is the one that bears Millrace's own. */
export const deploymentNames = (env?: string): DeploymentNames => {
  const suffix = env === undefined ? '' : `-${env}`;
  const own: OwnSource = env === undefined ? MILLRACE : `${MILLRACE}-${env}`;
  const stacks = {
    storage: `MillraceStorage${suffix}`,
    warehouse: `MillraceWarehouse${suffix}`,
    pipeline: `MillracePipeline${suffix}`,
  };
  return {
    stacks,
    eventSource: own,
    statementPrefix: `${own}/`,
    service: own,
    warehouse: stacks.warehouse.toLowerCase(),
    // A hyphen would have to be quoted in every statement; `_` stands in no deployment's name, so that no two are the same.
    database: own.replaceAll('-', '_'),
    copyPolicy: `Policy${suffix}`,
    tags: { project: MILLRACE, ...(env !== undefined && { env }) },
    // The prefix keeps the account's log resource policy short:
    // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    machineLogGroup: (machine) => `/aws/vendedlogs/states/${stacks.pipeline}-${machine}`,
    secretId: (id) => (id.startsWith(`${MILLRACE}/`) ? `${own}${id.slice(MILLRACE.length)}` : id),
  };
};
