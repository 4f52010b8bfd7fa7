import { PagingLoop } from '../../errors.ts';
import { showUrl } from '../trusted-hosts.ts';
import type { PageRead, PageRequest } from './form.ts';
import { type Next, pagingFormOf } from './registry.ts';

/** Pages of a slice, over all its steps: a source that makes up a new link or token each time would go on for ever. */
export const MAX_SLICE_PAGES = 100_000;

/** Where a slice's paging stands. */
export interface Trail {
  /** Requests made so far in this step, by `traceOf`. */
  readonly seen: ReadonlySet<string>;
  /** Where a link on a page leads. Throws UntrustedHost, DocumentMismatch. */
  readonly follow: (link: string, page: string, place: string) => URL;
  /** The page's number in its slice, for messages. */
  readonly page: number;
  /** Whether a page of this step before it had the same document; only forms that count need it. */
  readonly isRepeated: boolean;
}

/** A request as the trail remembers it. */
export const traceOf = ({ url, body = '' }: PageRequest): string => `${new URL(url).href}\n${body}`;

/**
 * The request of the page after this one, or undefined at the end. Throws UntrustedHost where it leads elsewhere, PagingLoop where
 * it was made already, the pages do not advance or are too many, DocumentMismatch where a page contradicts itself.
 */
export const nextPage = (next: Next | undefined, read: PageRead, trail: Trail): PageRequest | undefined => {
  if (next === undefined) return undefined;
  const form = pagingFormOf(next);
  const place = `${showUrl(read.answeredBy)} page ${trail.page}`;
  const following = form.follow(next, read);
  if (following === undefined) return undefined;
  if (trail.page >= MAX_SLICE_PAGES) {
    throw new PagingLoop(
      `${place} leads to page ${trail.page + 1} of its slice, allowed ${MAX_SLICE_PAGES}; look whether next.${form.head} ever ends, else ask for larger pages or smaller slices`,
    );
  }
  if (form.isCounted && trail.isRepeated && read.records > 0) {
    throw new PagingLoop(
      `${place} is the same as a page before it: the source takes no notice of next.${form.head}`,
    );
  }
  const target = {
    ...following,
    url: trail.follow(following.url, read.answeredBy, place).href,
  };
  if (!trail.seen.has(traceOf(target))) return target;
  throw new PagingLoop(`${place} leads back to ${showUrl(target.url)}, which was read already`);
};
