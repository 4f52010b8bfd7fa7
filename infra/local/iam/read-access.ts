import { InvalidInput } from '../../../shared/errors.ts';
import type { Assembly } from '../assembly/assembly.ts';
import { ACCOUNT, REGION } from '../assembly/names.ts';
import { type Rights, toCaller } from './access.ts';
import { decide } from './evaluate.ts';

/** What access is read from. */
type Parts = Pick<
  Assembly,
  'functions' | 'machines' | 'rules' | 'schedules' | 'namespaces' | 'roles' | 'policies' | 'bucketPolicies'
>;

/**
 * The rights of an assembly's roles. Throws InvalidInput, with all findings, for a role that is not in the assembly, that
 * the service which uses it may not assume, and for a rule or schedule whose role may not start its target: AWS takes
 * these, and then nothing ever starts.
 */
export const readAccess = (assembly: Parts): Rights => {
  const table: Rights = {
    roles: Object.fromEntries(assembly.roles.map((role) => [role.arn, statementsOf(assembly, role)])),
    buckets: Object.fromEntries(
      assembly.bucketPolicies.map(({ bucket, statements }) => [`arn:aws:s3:::${bucket}`, statements]),
    ),
  };
  const uses = usesOf(assembly);
  const problems = [
    ...uses.flatMap((use) => trustProblem(assembly, use) ?? []),
    ...uses.flatMap((use) => startProblem(table, use) ?? []),
  ];
  if (problems.length > 0) throw new InvalidInput(problems.join('; '));
  return table;
};

const statementsOf = ({ policies }: Parts, role: Parts['roles'][number]): Rights['roles'][string] => [
  ...role.statements,
  ...policies.filter(({ roles }) => roles.includes(role.name)).flatMap(({ statements }) => statements),
];

/** A role that a service assumes on behalf of a resource. */
interface Use {
  readonly of: string;
  readonly roleArn: string;
  readonly service: string;
  /** What trust policies see as aws:SourceArn. */
  readonly sourceArn: string;
  /** The machine that it has to be able to start. */
  readonly starts?: string;
}

const usesOf = ({ functions, machines, rules, schedules, namespaces }: Parts): readonly Use[] => [
  ...functions.map(({ name, arn, roleArn }) => use(`function ${name}`, roleArn, 'lambda', arn)),
  ...machines.map(({ name, arn, roleArn }) => use(`state machine ${name}`, roleArn, 'states', arn)),
  ...rules.flatMap(({ name, targets }) =>
    targets.map(({ roleArn, machineArn }) =>
      use(`rule ${name}`, roleArn, 'events', arnOf('events', `rule/${name}`), machineArn),
    ),
  ),
  // Schedules name their group, not themselves (docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html).
  ...schedules.map(({ name, roleArn, machineArn }) =>
    use(`schedule ${name}`, roleArn, 'scheduler', arnOf('scheduler', 'schedule-group/default'), machineArn),
  ),
  // docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html wants both for Serverless.
  ...namespaces.flatMap(({ name, roles }) =>
    roles.flatMap((roleArn) =>
      ['redshift', 'redshift-serverless'].map((service) =>
        use(`namespace ${name}`, roleArn, service, arnOf('redshift-serverless', `namespace/${name}`)),
      ),
    ),
  ),
];

const use = (of: string, roleArn: string, service: string, sourceArn: string, starts?: string): Use => ({
  of,
  roleArn,
  service: `${service}.amazonaws.com`,
  sourceArn,
  ...(starts !== undefined && { starts }),
});

const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

const trustProblem = ({ roles }: Parts, { of, roleArn, service, sourceArn }: Use): string | undefined => {
  const role = roles.find(({ arn }) => arn === roleArn);
  if (role === undefined) return `${of}: role ${roleArn} is not in the assembly`;
  const decision = decide(role.trust, {
    action: 'sts:AssumeRole',
    resource: roleArn,
    principals: [`service:${service}`],
    context: { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': sourceArn },
  });
  return decision === 'allowed' ? undefined : `${of}: ${service} may not assume role ${roleArn}: ${decision}`;
};

const startProblem = (table: Rights, { of, roleArn, starts }: Use): string | undefined => {
  if (starts === undefined) return undefined;
  const refusal = toCaller(table, roleArn, 'local').refusalOf('states:StartExecution', starts);
  return refusal === undefined ? undefined : `${of}: ${refusal}`;
};
