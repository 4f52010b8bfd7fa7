import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';
import type { Identity } from './names.ts';
import type { StackTemplate } from './template.ts';

/** A resource with its properties resolved. */
export interface Resolved {
  readonly logicalId: string;
  readonly stack: StackTemplate;
  readonly name: string;
  readonly identity: Identity;
  readonly properties: unknown;
}

/** Reads a resource's properties. Throws InvalidInput with each that the schema does not take. */
export const parseProperties = <T>(schema: z.ZodType<T>, { properties }: Resolved): T => {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(z.prettifyError(parsed.error));
};
