import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';
import { type Definition, definition } from './definition.ts';
import { expressionOf } from './jsonata.ts';
import type { KnownDefinitions } from './known-definitions.ts';
import { lint } from './lint.ts';
import { validateAsl } from './validate-asl.ts';

/** Definitions have at most 1 MiB: docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_DEFINITION_BYTES = 1_048_576;

/**
 * Checks a definition's text by our schema, by our lint, and by asl-validator, unless that is known to find it valid.
 * Throws InvalidInput with every finding.
 */
export const loadDefinition = async (
  name: string,
  text: string,
  known?: KnownDefinitions,
): Promise<Definition> => {
  const refuse = (problems: readonly string[]): never => {
    throw new InvalidInput(`state machine ${name}: ${problems.join('; ')}`);
  };
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES) refuse([`over ${MAX_DEFINITION_BYTES} bytes`]);
  const json: unknown = JSON.parse(text);
  const parsed = definition.safeParse(json);
  if (!parsed.success) return refuse([z.prettifyError(parsed.error)]);
  const problems = await lint(parsed.data);
  if (problems.length > 0) return refuse(problems);
  if (known?.has(text)) return parsed.data;
  const second = validateAsl(withoutLiterals(json));
  if (!second.isValid) return refuse(second.errors.map((error) => JSON.stringify(error)));
  known?.keep(text);
  return parsed.data;
};

/** Fields that take any JSON value: docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
const ANY_JSON: readonly string[] = ['Output', 'Arguments'];

/** A copy for asl-validator, which writes into what it checks, and takes only objects and expressions where any JSON is right. */
const withoutLiterals = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(withoutLiterals);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      ANY_JSON.includes(key) && isLiteral(value) ? {} : withoutLiterals(value),
    ]),
  );
};

/** Objects are left as they are: a state may be called Output, too. */
const isLiteral = (value: unknown): boolean =>
  typeof value === 'string'
    ? expressionOf(value) === undefined
    : typeof value !== 'object' || value === null || Array.isArray(value);
