import { quoteLine } from '../../shared/redact/quote.ts';
import type { Verdict } from '../../shared/source/responses/consequence.ts';
import {
  type Answered,
  type AnswerRules,
  findRule,
  judge,
  needsDocument,
  signPaths,
} from '../../shared/source/responses/match.ts';
import { readSigns } from '../../shared/xml/read-signs.ts';
import { quotePageText, readStartBytes } from './error-page.ts';
import { type Asked, charsetOf, isPage } from './http-answers.ts';

/** What a feed's rules say of an answer. */
export interface Judged {
  /** The answer, to be read as if nobody had: its body is its beginning where that was looked into. */
  readonly response: Response;
  readonly verdict: Verdict | undefined;
}

/**
 * Holds an answer to the feed's rules, which stand above all else that is done of it. A page's own document is not looked into: it is
 * judged where it is parsed.
 */
export const judgeAnswer = async (
  response: Response,
  rules: AnswerRules | undefined,
  { place, redactor: { redact } }: Pick<Asked, 'place' | 'redactor'>,
): Promise<Judged> => {
  if (rules === undefined || isPage(response)) return { response, verdict: undefined };
  const { responses, namespaces } = rules;
  const { status } = response;
  const byStatus = findRule(responses, { place, status, signs: {} });
  if (byStatus === undefined && !needsDocument(responses, status)) return { response, verdict: undefined };
  const bytes = await readStartBytes(response);
  const charset = charsetOf(response.headers.get('content-type') ?? '');
  const signs = readSigns(signPaths(responses), { bytes, charset, namespaces });
  const answered: Answered = { place, status, signs };
  const match = findRule(responses, answered);
  const rest = withBody(response, bytes);
  if (match === undefined) return { response: rest, verdict: undefined };
  const text =
    match.found === undefined
      ? quotePageText(Buffer.from(bytes).toString('utf8'), redact)
      : quoteLine(match.found, redact);
  return { response: rest, verdict: judge(answered, match, text) };
};

/** Statuses to whose Response no body may be given. */
const BODYLESS: readonly number[] = [204, 205, 304];

const withBody = (response: Response, bytes: Uint8Array<ArrayBuffer>): Response => {
  const { status, statusText, headers, url } = response;
  const rest = new Response(BODYLESS.includes(status) ? null : bytes, { status, statusText, headers });
  return Object.defineProperty(rest, 'url', { value: url });
};
