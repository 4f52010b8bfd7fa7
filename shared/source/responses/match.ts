import type { Verdict } from './consequence.ts';
import { consequenceOf, type ResponseRule } from './registry.ts';

/** Which rule an answer matches. */

export type Rules = readonly ResponseRule[];

/** Rules, and the prefixes of their paths: what whoever asks for a page has to know. */
export interface AnswerRules {
  readonly responses: Rules;
  /** Prefix to URI; `default` is that of unprefixed elements. */
  readonly namespaces: Readonly<Record<string, string>>;
}

export const rulesOf = (
  { responses }: { readonly responses?: Rules | undefined },
  { namespaces }: Pick<AnswerRules, 'namespaces'>,
): AnswerRules | undefined => (responses === undefined ? undefined : { responses, namespaces });

/** Absolute paths that rules look for in an answer, by the names that their values get. */
export const signPaths = (rules: Rules | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (rules ?? []).flatMap(({ path }, index) => (path === undefined ? [] : [[signOf(index), path] as const])),
  );

const signOf = (index: number): string => `responses[${index}]`;

/** An answer that came: what was found of `signPaths` in its document, and what else it says for people. */
export interface Answered {
  /** URL and page. */
  readonly place: string;
  readonly status: number;
  readonly signs: Readonly<Record<string, string>>;
}

const covers = (status: ResponseRule['status'], got: number): boolean =>
  status === undefined ||
  [status]
    .flat()
    .some((one) => one === got || (typeof one === 'string' && Number(one[0]) === Math.floor(got / 100)));

/** Whether a rule without a path would take every page for another answer. */
export const takesPages = ({ status, path }: ResponseRule): boolean =>
  path === undefined && covers(status, 200);

/** Whether some rule needs the document of an answer with that status. */
export const needsDocument = (rules: Rules, status: number): boolean =>
  rules.some((rule) => rule.path !== undefined && covers(rule.status, status));

/** The first rule that an answer matches, and what was found at its path. */
export interface Match {
  readonly rule: ResponseRule;
  readonly index: number;
  readonly found: string | undefined;
}

export const findRule = (rules: Rules, { status, signs }: Answered): Match | undefined => {
  const index = rules.findIndex(
    (rule, at) => covers(rule.status, status) && (rule.path === undefined || signs[signOf(at)] !== undefined),
  );
  const rule = rules[index];
  return rule === undefined ? undefined : { rule, index, found: signs[signOf(index)] };
};

/** What the match says of an answer; `text` is what is quoted of it, redacted and cut, empty for nothing. */
const tellMatch = ({ place, status }: Answered, { rule, index }: Match, text: string): string => {
  const { path } = rule;
  const what = [
    ...(rule.status === undefined ? [] : [`status ${[rule.status].flat().join(' ')}`]),
    ...(path === undefined ? [] : [`path ${path}`]),
  ].join(', ');
  const quoted = text === '' ? '' : ` with ${JSON.stringify(text)}`;
  return `${place} answered ${status}${quoted}, by source.http.responses[${index}] (${what}, then ${rule.then})`;
};

/** What becomes of an answer, by its match. */
export const judge = (answered: Answered, match: Match, text: string): Verdict =>
  consequenceOf(match.rule).judge({ says: tellMatch(answered, match, text), status: answered.status });
