import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** What a condition may look at. A request knows those that its service tells. */
const CONDITION_KEYS = [
  ...(['aws:SecureTransport', 'aws:SourceAccount', 'aws:SourceArn'] as const),
  'events:source',
  // Of KMS, which nothing here asks: no local request has them.
  ...(['kms:ViaService', 'kms:EncryptionContext:SecretARN'] as const),
] as const;
type ConditionKey = (typeof CONDITION_KEYS)[number];

/** Values of condition keys in one request; an absent one meets no condition. */
export type ConditionContext = Readonly<Partial<Record<ConditionKey, string>>>;

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, as far as they occur. */
const OPERATORS = ['Bool', 'StringEquals', 'StringLike', 'ArnEquals', 'ArnLike'] as const;

/** One statement of a policy, every list spelt out; plain data, so that it goes to other processes as JSON. */
export const statement = z.strictObject({
  effect: z.enum(['Allow', 'Deny']),
  /** Of a resource's policy: `*`, `service:…` or `aws:…`. A role's own statements have none. */
  principals: z.array(z.string()).readonly().optional(),
  actions: z.array(z.string()).readonly(),
  resources: z.array(z.string()).readonly(),
  /** All must be met, each by one of its values. */
  conditions: z
    .array(
      z.strictObject({
        operator: z.enum(OPERATORS),
        key: z.enum(CONDITION_KEYS),
        values: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
});
export type Statement = z.infer<typeof statement>;

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const values = z.union([z.string(), z.boolean().transform(String)]);
const document = z.strictObject({
  Version: z.literal('2012-10-17'),
  Id: z.string().optional(),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().optional(),
      Effect: z.enum(['Allow', 'Deny']),
      Principal: z
        .union([z.literal('*'), z.strictObject({ AWS: texts.optional(), Service: texts.optional() })])
        .optional(),
      Action: texts,
      Resource: texts.optional(),
      Condition: z
        .partialRecord(
          z.enum(OPERATORS),
          z.record(z.string(), z.union([values.transform((one) => [one]), z.array(values)])),
        )
        .optional(),
    }),
  ),
});
type Written = z.infer<typeof document>['Statement'][number];

/**
 * Reads a policy document whose references are resolved. Throws InvalidInput for an element, a condition operator or
 * key, or a policy variable that the evaluator does not know, by its name.
 */
export const parsePolicy = (policy: unknown): readonly Statement[] => {
  const parsed = document.safeParse(policy);
  if (!parsed.success) throw new InvalidInput(`policy: ${z.prettifyError(parsed.error)}`);
  return parsed.data.Statement.map((written) => ({
    effect: written.Effect,
    ...(written.Principal !== undefined && { principals: toPrincipals(written.Principal) }),
    actions: written.Action,
    // A trust policy names no resource: it stands on the role itself.
    resources: (written.Resource ?? ['*']).map(refuseVariables),
    conditions: toConditions(written),
  }));
};

const toPrincipals = (written: NonNullable<Written['Principal']>): readonly string[] =>
  written === '*'
    ? ['*']
    : [
        ...(written.AWS ?? []).map((one) => (one === '*' ? '*' : `aws:${one}`)),
        ...(written.Service ?? []).map((one) => `service:${one}`),
      ];

const toConditions = ({ Condition = {} }: Written): Statement['conditions'] =>
  OPERATORS.flatMap((operator) =>
    Object.entries(Condition[operator] ?? {}).map(([key, allowed]) => ({
      operator,
      key: findKey(key),
      values: allowed.map(refuseVariables),
    })),
  );

/** Names of condition keys are not case-sensitive. */
const findKey = (name: string): ConditionKey => {
  const key = CONDITION_KEYS.find((one) => one.toLowerCase() === name.toLowerCase());
  if (key !== undefined) return key;
  throw new InvalidInput(`policy: condition key ${name} is not known, known: ${CONDITION_KEYS.join(' ')}`);
};

const refuseVariables = (text: string): string => {
  if (!text.includes('${')) return text;
  throw new InvalidInput(`policy: variables, as in ${text}, are not known`);
};
