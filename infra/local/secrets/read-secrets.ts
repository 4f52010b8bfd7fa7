import { z } from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** Secret id to value: an object of the fields that its kind reads, or a text. */
export type Secrets = Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;

const secretsSchema = z.record(z.string().min(1), z.union([z.string(), z.record(z.string(), z.unknown())]));

/** One place that secrets may stand in; `text` is undefined when it is not there. */
export interface SecretSource {
  /** As people know it: `MILLRACE_SECRETS`, a path. */
  readonly name: string;
  readonly text: string | undefined;
}

export interface SecretSources {
  readonly env: SecretSource;
  /** `--secrets FILE` */
  readonly file: SecretSource;
  /** `<data>/secrets.json` */
  readonly dataFile: SecretSource;
}

/**
 * Reads the secrets of a local run. The sources stand in for one another, secret by secret: the environment before the
 * file before the data folder's. Throws InvalidInput, naming the source, never a value.
 */
export const readSecrets = (sources: SecretSources): Secrets => ({
  ...parseSource(sources.dataFile),
  ...parseSource(sources.file),
  ...parseSource(sources.env),
});

const parseSource = ({ name, text }: SecretSource): Secrets => {
  if (text === undefined) return {};
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is secret.
    throw new InvalidInput(`secrets in ${name} are not JSON`);
  }
  const parsed = secretsSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
  throw new InvalidInput(
    `secrets in ${name} are not an object of secret id to an object or a text; see ${places}`,
  );
};
