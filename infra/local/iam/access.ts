import { z } from 'zod';
import { type AccessRequest, decide } from './evaluate.ts';
import { type ConditionContext, statement } from './policy.ts';

/** Who may do what; plain data, handed to the processes that serve requests. */
export const accessTable = z.strictObject({
  /** By access key id: who signs with it. */
  keys: z.record(z.string(), z.strictObject({ roleArn: z.string(), session: z.string() })),
  /** Each role's own statements, by the role's ARN. */
  roles: z.record(z.string(), z.array(statement).readonly()),
  /** Each bucket's policy, by the bucket's ARN. */
  buckets: z.record(z.string(), z.array(statement).readonly()),
});
export type AccessTable = z.infer<typeof accessTable>;

/** One who asks. */
export interface Caller {
  /** ARN, as messages name it. */
  readonly principal: string;
  /** What statements of the Data API belong to; undefined is the operator. */
  readonly roleArn: string | undefined;
  /** Why the caller may not do this, in AWS's words; undefined when it may. */
  refusalOf(action: string, resource: string): string | undefined;
}

/** Finds the caller of an access key id; undefined for a key that nobody has, and for none. */
export type FindCaller = (accessKeyId: string | undefined) => Caller | undefined;

/** The key of the command and of tests, which stand for the account's administrator. */
export const OPERATOR_KEY = 'local';

/** The one who may do everything. */
export const OPERATOR: Caller = {
  principal: 'operator',
  roleArn: undefined,
  refusalOf: () => undefined,
};

/** Takes everyone for the operator: for a service that is run by itself, without an assembly. */
export const everyoneMay: FindCaller = () => OPERATOR;

/**
 * Buckets' policies deny requests without TLS. Loopback has none, and what AWS runs is always reached by TLS: the key is
 * true here by definition, so that this one Deny is never proven.
 */
const CONTEXT: ConditionContext = { 'aws:SecureTransport': 'true' };

/** Callers by their access keys, each with its role's rights. */
export const findCallers = (table: AccessTable): FindCaller => {
  return (accessKeyId) => {
    if (accessKeyId === undefined) return undefined;
    if (accessKeyId === OPERATOR_KEY) return OPERATOR;
    const key = Object.hasOwn(table.keys, accessKeyId) ? table.keys[accessKeyId] : undefined;
    return key === undefined ? undefined : toCaller(table, key.roleArn, key.session);
  };
};

/** A role under a session's name, as the service that assumed it acts. */
export const toCaller = (table: AccessTable, roleArn: string, session: string): Caller => {
  const principal = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`;
  return {
    principal,
    roleArn,
    refusalOf: (action, resource) => {
      const request = { action, resource, context: CONTEXT, principals: [`aws:${roleArn}`] };
      return refusalOf(table, roleArn, principal, request);
    },
  };
};

const refusalOf = (
  table: AccessTable,
  roleArn: string,
  principal: string,
  request: AccessRequest,
): string | undefined => {
  const { action, resource } = request;
  const own = table.roles[roleArn] ?? [];
  const ofBucket = table.buckets[resource.split('/')[0] ?? ''] ?? [];
  const decision = decide([...own, ...ofBucket], request);
  if (decision === 'allowed') return undefined;
  const because =
    decision === 'explicit deny'
      ? `with an explicit deny in ${decide(own, request) === decision ? 'an identity-based' : 'a resource-based'} policy`
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
};
