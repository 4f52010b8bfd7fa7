import * as z from 'zod';
import { InvalidInput } from '../../errors.ts';
import { map, path, textLike } from '../../model/kit.ts';
import type { Consequence } from './consequence.ts';
import { empty } from './empty.ts';
import { fail } from './fail.ts';
import { login } from './login.ts';
import { retry } from './retry.ts';

/** What becomes of answers, by the word after `then`. A new one is its file and its place in this list. */
const LIST = [retry, fail, empty, login] as const;

export const CONSEQUENCES: readonly Consequence[] = LIST;

const oneStatus = z.union([z.int().min(100).max(599), textLike(/^[1-5]xx$/, 'a class such as 5xx')]);

/** One rule, as it is written and as a plan keeps it. */
const response = map({
  status: z
    .union([oneStatus, z.array(oneStatus).min(1)])
    .optional()
    .describe('A status such as 404, a class such as 5xx, or a list of these'),
  path: path.optional().describe("An absolute path that the answer's document has; its text is told"),
  // biome-ignore lint/suspicious/noThenProperty: a key of the feed format
  then: z.enum(LIST.map(({ word }) => word)).describe('What becomes of such an answer'),
});
export type ResponseRule = z.infer<typeof response>;

/** `responses` of a feed: the first rule that an answer matches decides. */
export const responses = z.array(response).min(1);

export const consequenceOf = ({ then: word }: Pick<ResponseRule, 'then'>): Consequence => {
  const found = CONSEQUENCES.find((one) => one.word === word);
  if (found !== undefined) return found;
  throw new InvalidInput(`got then: ${word}, allowed ${CONSEQUENCES.map((one) => one.word).join(' ')}`);
};
