import { createHash } from 'node:crypto';
import * as z from 'zod';
import { parseProperties, type Resolved } from './resolved.ts';

/** A secret that the assembly makes, of which no person knows the value. */
export interface SecretModel {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

const ignored = z.unknown().optional();

const secret = z.strictObject({
  Name: z.string().optional(),
  GenerateSecretString: z.strictObject({
    SecretStringTemplate: z
      .string()
      .transform((text) => JSON.parse(text))
      .pipe(z.record(z.string(), z.string())),
    GenerateStringKey: z.string(),
    PasswordLength: z.coerce.number().int().min(1).max(64).default(32),
    ExcludeCharacters: ignored, // what is made here has hexadecimal digits alone
  }),
  Description: ignored,
  KmsKeyId: ignored,
  Tags: ignored,
});

/** The same in every start: a warehouse that was left knows its users by what they had then. It opens nothing beyond this machine's own. */
export const toGeneratedSecret = (resource: Resolved): SecretModel => {
  const { SecretStringTemplate, GenerateStringKey, PasswordLength } = parseProperties(
    secret,
    resource,
  ).GenerateSecretString;
  const made = createHash('sha256').update(resource.name).digest('hex').slice(0, PasswordLength);
  return { name: resource.name, fields: { ...SecretStringTemplate, [GenerateStringKey]: made } };
};
