import * as z from 'zod';

/**
 * The Amazon States Language that the local cloud runs: Express, JSONata, inline Maps. Every field that is not
 * listed is refused by name; docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */

const json: z.ZodType<unknown> = z.unknown();
const assign = z.record(z.string(), json);
/** A whole number, or a JSONata expression for one. */
const numeric = z.union([z.int().min(0).max(99_999_999), z.string().regex(/^\{%.*%\}$/s)]);

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
  Comment: z.string().optional(),
});
export type Retrier = z.infer<typeof retrier>;

const catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Assign: assign.optional(),
  Output: json.optional(),
  Comment: z.string().optional(),
});
export type Catcher = z.infer<typeof catcher>;

const common = {
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata').optional(),
  Output: json.optional(),
};
const flow = { Next: z.string().optional(), End: z.literal(true).optional(), Assign: assign.optional() };
const guarded = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) };

const pass = z.strictObject({ Type: z.literal('Pass'), ...common, ...flow });
const task = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.string(),
  Arguments: json.optional(),
  TimeoutSeconds: numeric.optional(),
  ...common,
  ...flow,
  ...guarded,
});
const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z
    .array(
      z.strictObject({
        Condition: z.string(),
        Next: z.string(),
        Assign: assign.optional(),
        Output: json.optional(),
        Comment: z.string().optional(),
      }),
    )
    .min(1),
  Default: z.string().optional(),
  Assign: assign.optional(),
  ...common,
});
const wait = z
  .strictObject({
    Type: z.literal('Wait'),
    Seconds: numeric.optional(),
    Timestamp: z.string().optional(),
    ...common,
    ...flow,
  })
  .refine(
    (state) => (state.Seconds === undefined) !== (state.Timestamp === undefined),
    'one of Seconds and Timestamp',
  );
const succeed = z.strictObject({ Type: z.literal('Succeed'), ...common });
const fail = z.strictObject({
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  Cause: z.string().optional(),
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata').optional(),
});

export interface StateGraph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
const graph = {
  StartAt: z.string(),
  get States(): z.ZodType<Record<string, State>> {
    return z.record(z.string(), state);
  },
};
const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  get Branches(): z.ZodType<StateGraph[]> {
    return z.array(z.strictObject({ ...graph, Comment: z.string().optional() })).min(1);
  },
  Arguments: json.optional(),
  ...common,
  ...flow,
  ...guarded,
});
const map = z.strictObject({
  Type: z.literal('Map'),
  Items: json.optional(),
  ItemSelector: json.optional(),
  get ItemProcessor(): z.ZodType<StateGraph> {
    return z.strictObject({
      ...graph,
      ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }).optional(),
      Comment: z.string().optional(),
    });
  },
  MaxConcurrency: numeric.optional(),
  ...common,
  ...flow,
  ...guarded,
});

export type PassState = z.infer<typeof pass>;
export type TaskState = z.infer<typeof task>;
export type ChoiceState = z.infer<typeof choice>;
export type WaitState = z.infer<typeof wait>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;
export type ParallelState = z.infer<typeof parallel>;
export type MapState = z.infer<typeof map>;
export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

const state: z.ZodType<State> = z.discriminatedUnion('Type', [
  pass,
  task,
  choice,
  wait,
  succeed,
  fail,
  parallel,
  map,
]);

export const definition = z.strictObject({
  Comment: z.string().optional(),
  Version: z.literal('1.0').optional(),
  QueryLanguage: z.literal('JSONata'),
  /** Express ends an execution after 300 s, whatever the definition says. */
  TimeoutSeconds: z.int().min(1).max(300).default(300),
  ...graph,
});
export type Definition = z.infer<typeof definition>;
