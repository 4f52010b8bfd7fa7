import * as z from 'zod';

/** Step Functions' error output; Cause of a failed Lambda is JSON text with errorType and errorMessage. */
export const errorOutput = z.object({ Error: z.string(), Cause: z.string().optional() });
export type ErrorOutput = z.infer<typeof errorOutput>;

/** As Lambda writes it, and with what the execution worked on. */
export const failureCause = z.object({
  errorMessage: z.string(),
  feed: z.string().optional(),
  batch: z.string().optional(),
  state: z.string().optional(),
});

const jsonCause = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(failureCause);

/** What an error says: of a Lambda's Cause, which is JSON, the error's message; other causes are text; without one its name. */
export const messageOf = ({ Error: name, Cause: cause = '' }: ErrorOutput): string => {
  const parsed = jsonCause.safeParse(cause);
  return parsed.success ? parsed.data.errorMessage : cause || name;
};
