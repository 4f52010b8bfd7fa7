import type { z } from 'zod';

/** Each issue of a schema as `path: message`, in one line. */
export const describeIssues = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
