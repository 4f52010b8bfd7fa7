import * as z from 'zod';
import { nearest } from './nearest.ts';

/** What the schemas of feed files are made of. A schema's own error text says what is allowed; problems.ts puts the rest around it. */

/** A map with these keys and no others; unknown ones are reported one a line, each with the nearest known key. */
export const map = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, Object.keys(shape))).join('\n')
        : undefined,
  });

const unknownKey = (key: string, known: readonly string[]): string => {
  const right = nearest(key, known);
  return right === undefined
    ? `unknown key, allowed ${known.join(' ')}`
    : `unknown key, did you mean '${right}'`;
};

/** Text of a form; `allowed` completes "allowed …". */
export const textLike = (pattern: RegExp, allowed: string) => z.string().regex(pattern, { error: allowed });

export const text = z.string().min(1);

/** Text whose unquoted numbers and booleans keep their source text (read so by yaml-source.ts). */
export const sourceText = z.string().meta({ type: ['string', 'number', 'boolean'] });

export const duration = textLike(/^\d{1,9}[smhd]$/, 'a duration such as 60s 5m 2h 7d');
export const size = textLike(/^\d{1,9}([KMG]i)?B$/, 'a size such as 64MiB');
export const path = text.describe('A path: the streaming subset of XPath 1.0');

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,126}$/;
const IDENTIFIER_FORM = 'a lower-case letter or _, then up to 126 of a-z 0-9 _';

/** A name that Redshift takes for a schema, table or column; case is folded there, so it is lower case here. */
export const identifier = textLike(IDENTIFIER, IDENTIFIER_FORM);

/** Text of a form; where `hint` knows what was meant, it says what to write. */
export const textHinted = (pattern: RegExp, allowed: string, hint: (input: string) => string | undefined) =>
  z.string().regex(pattern, { error: ({ input }) => hint(String(input)) ?? allowed });

/** A name as `identifier`, with a hint of its own. */
export const identifierOr = (hint: (input: string) => string | undefined) =>
  textHinted(IDENTIFIER, IDENTIFIER_FORM, hint);
