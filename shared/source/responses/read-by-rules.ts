import { DocumentMismatch, SourceRefused } from '../../errors.ts';
import type { Verdict } from './consequence.ts';
import { findRule, judge, type Rules } from './match.ts';

/** A page of status 200 that was read to its end. */
export interface PageOfRules {
  readonly place: string;
  /** Its head alone says that it is a page without a record: it has no document. */
  readonly isEmpty: boolean;
  readonly records: number;
  /** What was found of `signPaths`. */
  readonly signs: Readonly<Record<string, string>>;
}

/** Redacts a text, then cuts it. */
type Quote = (text: string) => string;

/**
 * Reads a page, by `read`, and holds its document to the feed's rules. Where they say that the session is over, `read` is asked once
 * more, with true. `isEmpty` of what it gives says that the page has no record and is the last one. Throws SourceUnavailable and
 * SourceRefused as rules say, and DocumentMismatch where one speaks of a page without records and there are some.
 */
export const readByRules = async <P extends PageOfRules>(
  rules: Rules | undefined,
  quote: Quote,
  read: (isLapsed: boolean) => Promise<P>,
): Promise<P> => {
  const page = await read(false);
  const verdict = judgePage(rules, page, quote);
  if (verdict?.kind !== 'again') return verdict === undefined ? page : { ...page, isEmpty: true };
  const renewed = await read(true);
  const second = judgePage(rules, renewed, quote);
  if (second?.kind === 'again') throw new SourceRefused(`${second.says}: so it did before a new login`);
  return second === undefined ? renewed : { ...renewed, isEmpty: true };
};

/** What is left to do of a page; undefined where it is one like any other. */
const judgePage = (
  rules: Rules | undefined,
  page: PageOfRules,
  quote: Quote,
): Exclude<Verdict, { kind: 'error' }> | undefined => {
  if (page.isEmpty) return { kind: 'end', says: page.place };
  const answered = { ...page, status: 200 };
  const match = rules && findRule(rules, answered);
  if (match === undefined) return undefined;
  const verdict = judge(answered, match, quote(match.found ?? ''));
  if (verdict.kind === 'error') throw verdict.error;
  if (page.records === 0) return verdict;
  throw new DocumentMismatch(`${verdict.says}: its document has records too, ${page.records}, allowed none`);
};
