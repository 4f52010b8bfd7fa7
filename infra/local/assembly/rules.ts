import * as z from 'zod';

/** What a rule hands an event to. */
export interface RuleTarget {
  readonly id: string;
  readonly machineArn: string;
  readonly roleArn: string;
  /** Constant JSON text in place of the event. */
  readonly input?: string | undefined;
  /** `$.detail` and the like: a part of the event in place of it. */
  readonly inputPath?: string | undefined;
}

const ignored = z.unknown().optional();
const text = z.string();

const target = z.strictObject({
  Id: text,
  Arn: text,
  Input: text.optional(),
  InputPath: text.regex(/^\$(\.[A-Za-z0-9_-]+)*$/).optional(),
  RoleArn: text,
  DeadLetterConfig: ignored,
  RetryPolicy: ignored,
});

const topic = z.object({ Arn: text.regex(/^arn:[\w-]+:sns:/) });

/** Messages to people, as text: on one machine the terminal has them. */
const isTopic = (target: unknown): boolean => topic.safeParse(target).success;

/** A rule's properties. */
export const rule = z.strictObject({
  Name: text.optional(),
  EventBusName: z.literal('default').optional(),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z
    .array(z.unknown())
    // docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    .max(5)
    .default([])
    .transform((targets) => targets.filter((one) => !isTopic(one)))
    .pipe(z.array(target)),
  Description: ignored,
  Tags: ignored,
});

export const toRuleTarget = ({ Id, Arn, RoleArn, Input, InputPath }: z.infer<typeof target>): RuleTarget => ({
  id: Id,
  machineArn: Arn,
  roleArn: RoleArn,
  input: Input,
  inputPath: InputPath,
});
