import * as z from 'zod';

/** Lambda's own names: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED: readonly string[] = [
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
];

/** Of all variables of a function as JSON, which is what Lambda measures when it refuses them. */
const MAX_BYTES = 4096;

const NAME = /^[A-Za-z][A-Za-z0-9_]+$/;

/** The variables of a function, as strictly as Lambda takes them. */
export const environmentVariables = z.record(z.string(), z.string()).superRefine((variables, context) => {
  const refuse = (message: string, path: string[] = []) =>
    context.addIssue({ code: 'custom', message, path });
  for (const name of Object.keys(variables)) {
    if (!NAME.test(name)) refuse('allowed as a name: a letter, then letters, digits and _', [name]);
    if (RESERVED.includes(name)) refuse('is a name that Lambda keeps for itself', [name]);
  }
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes <= MAX_BYTES) return;
  const [longest = ''] = Object.entries(variables).toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
  refuse(`got ${bytes} bytes as JSON, the most of them in ${longest}, allowed ${MAX_BYTES}`);
});
