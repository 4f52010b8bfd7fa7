import type { z } from 'zod';

/**
 * What a form of paging is: which paths it wants of a document, and from a page and its answer the next request or the end. Loops,
 * pages that do not advance and other hosts are judged once for all forms, in `next-page.ts`.
 */

/** What is asked for. */
export interface PageRequest {
  /** Absolute. */
  readonly url: string;
  /** Of a POST. */
  readonly body?: string | undefined;
}

/** A page that was read to its end. */
export interface PageRead {
  readonly request: PageRequest;
  /** Where the answer came from in the end, after redirects. */
  readonly answeredBy: string;
  /** A header of the answer, by its name in any case. */
  readonly header: (name: string) => string | undefined;
  /** First matches of the paths that the form wants, by its names. */
  readonly wanted: Readonly<Record<string, string>>;
  /** Records of this page, and of the slice's pages before it. */
  readonly records: number;
  readonly recordsBefore: number;
  /** The slice's first request made again, with `${next.token}`. */
  readonly again: (token: string) => PageRequest;
}

interface PagingDefinition<S extends z.ZodObject, N = z.infer<S>> {
  /** The key that chooses this form. */
  readonly head: string;
  /** All its keys, the head among them; texts say what each is. */
  readonly schema: S;
  /** What it does, for the documentation. */
  readonly says: string;
  /** Absolute paths that it wants of each document, by names of its own. */
  wanted(next: N): Readonly<Record<string, string>>;
  /** The first page's request. @default as the feed says it */
  first?(next: N, request: PageRequest): PageRequest;
  /** The next page's request, its URL perhaps relative to the answer's; undefined is the end. Throws DocumentMismatch where the page contradicts itself. */
  follow(next: N, page: PageRead): PageRequest | undefined;
  /** Whether it counts pages or records itself, so that a source that takes no notice gives the same page for ever. */
  readonly isCounted: boolean;
  /**
   * Whether a page says the next one by a link, so that it may be asked for while this page is read. What a link leads to can be asked for
   * again; a token may be worth nothing once the one after it was used, and where we count only a whole page tells whether another follows.
   */
  readonly isAskedAhead: boolean;
}

export interface PagingForm<S extends z.ZodObject = z.ZodObject> extends PagingDefinition<S, unknown> {
  first(next: unknown, request: PageRequest): PageRequest;
}

/** A form as the registry holds it: it takes any `next` and reads it by its own schema. */
export const pagingForm = <S extends z.ZodObject>(definition: PagingDefinition<S>): PagingForm<S> => {
  const read = (next: unknown): z.infer<S> => definition.schema.parse(next);
  return {
    ...definition,
    wanted: (next) => definition.wanted(read(next)),
    first: (next, request) => definition.first?.(read(next), request) ?? request,
    follow: (next, page) => definition.follow(read(next), page),
  };
};
