import * as z from 'zod';
import { type AccessRequest, decide } from './evaluate.ts';
import { type ConditionContext, statement } from './policy.ts';

const issuedKey = z.strictObject({
  secretAccessKey: z.string(),
  /** Requests have to bring it along, where there is one. */
  sessionToken: z.string().optional(),
  /** Who signs with it: a role under a session's name, or, without one, the operator. */
  role: z.strictObject({ arn: z.string(), session: z.string() }).optional(),
});
export type IssuedKey = z.infer<typeof issuedKey>;

/** Who may do what; plain data, handed to the processes that serve requests. It holds secrets. */
export const accessTable = z.strictObject({
  /** By access key id. */
  keys: z.record(z.string(), issuedKey),
  /** Each role's own statements, by the role's ARN. */
  roles: z.record(z.string(), z.array(statement).readonly()),
  /** Each bucket's policy, by the bucket's ARN. */
  buckets: z.record(z.string(), z.array(statement).readonly()),
});
export type AccessTable = z.infer<typeof accessTable>;
/** What roles may do, whoever acts as them. */
export type Rights = Omit<AccessTable, 'keys'>;

/** One who asks. */
export interface Caller {
  /** ARN, as messages name it. */
  readonly principal: string;
  /** What statements of the Data API belong to; undefined is the operator. */
  readonly roleArn: string | undefined;
  /** Why the caller may not do this, in AWS's words; undefined when it may. `context` is what the service tells of the request. */
  refusalOf(action: string, resource: string, context?: ConditionContext): string | undefined;
}

/** The one who may do everything: the command, and whoever has the keys that the cloud prints. */
export const OPERATOR: Caller = {
  principal: 'operator',
  roleArn: undefined,
  refusalOf: () => undefined,
};

/**
 * Buckets' policies deny requests without TLS. Loopback has none, and what AWS runs is always reached by TLS: the key is
 * true here by definition, so that this one Deny is never proven.
 */
const CONTEXT: ConditionContext = { 'aws:SecureTransport': 'true' };

/** A role under a session's name, as the service that assumed it acts. */
export const toCaller = (table: Rights, roleArn: string, session: string): Caller => {
  const principal = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`;
  return {
    principal,
    roleArn,
    refusalOf: (action, resource, context = {}) => {
      const principals = [`aws:${roleArn}`];
      const request = { action, resource, context: { ...CONTEXT, ...context }, principals };
      return refusalOf(table, roleArn, principal, request);
    },
  };
};

const refusalOf = (
  table: Rights,
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
