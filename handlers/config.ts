import * as z from 'zod';
import { InvalidInput } from '../shared/errors.ts';
import { describeIssues } from '../shared/model/describe-issues.ts';
import { isOwnSource, type OwnSource } from '../shared/state/deployment-names.ts';
import { type WarehouseTarget, warehouseTarget } from '../shared/state/warehouse-target.ts';

/** The environment's variables by name, each with the schema of its text. */
export const ENVIRONMENT = {
  /** The bucket that holds all state. */
  BUCKET: z.string().min(3),
  /** Where statements go: JSON with exactly one of workgroupName and clusterIdentifier. */
  WAREHOUSE: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue('is not JSON');
        return z.NEVER;
      }
    })
    .pipe(warehouseTarget),
  /** The secret of the admin of a warehouse that the deployment made. @default - the warehouse is somebody else's */
  ADMIN_SECRET_ARN: z.string().startsWith('arn:').optional(),
  /** The role that COPY reads the bucket by. */
  COPY_ROLE_ARN: z.string().startsWith('arn:'),
  /** The deployment's name, as `--env` takes it. */
  DEPLOYMENT: z.string().min(1),
  /** The log groups of the state machines, between commas. */
  LOG_GROUPS: z.string().transform((text) => text.split(',')),
  /** Lambda's own. */
  AWS_REGION: z.string().min(1),
  /** The `source` of this deployment's events. */
  EVENT_SOURCE: z.custom<OwnSource>(isOwnSource, 'allowed millrace or millrace-<env>'),
  /** What the names of this deployment's statements begin with. */
  STATEMENT_PREFIX: z.string().regex(/^millrace[a-z0-9-]*\/$/, 'allowed millrace/ or millrace-<env>/'),
  /** How long the steps of an execution may take. @default 230: only tests have less time. */
  STEP_SECONDS: z.coerce.number().min(1).max(230).optional(),
} as const;

type Variable = keyof typeof ENVIRONMENT;
export type Warehouse = WarehouseTarget;
export type Config<V extends Variable> = { readonly [Name in V]: z.infer<(typeof ENVIRONMENT)[Name]> };

/**
 * Reads the named variables, at a handler's module top, so that a missing or wrong one fails the cold start.
 * Throws InvalidInput with the variable's name.
 */
export const readConfig = <V extends Variable>(
  names: readonly V[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config<V> => {
  const shape = Object.fromEntries(names.map((name) => [name, ENVIRONMENT[name]]));
  const values = Object.fromEntries(names.map((name) => [name, environment[name]]));
  const parsed = z.strictObject(shape).safeParse(values);
  if (parsed.success) return parsed.data as Config<V>; // fromEntries forgets which names there are
  throw new InvalidInput(`environment variable ${describeIssues(parsed.error)}`);
};
