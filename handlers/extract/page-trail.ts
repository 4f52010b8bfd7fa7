import { DocumentMismatch, TerminalError } from '../../shared/errors.ts';
import type { HttpSource } from '../../shared/model/feed.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { followSafely } from '../../shared/source/follow-safely.ts';
import { countAll, countRecords } from '../../shared/source/paging/count-records.ts';
import type { PageRequest } from '../../shared/source/paging/form.ts';
import { nextPage, type Trail } from '../../shared/source/paging/next-page.ts';
import { pagingFormOf } from '../../shared/source/paging/registry.ts';
import { reconcile, TOTAL } from '../../shared/source/paging/total.ts';
import { trustedHostsOf } from '../../shared/source/trusted-hosts.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';
import type { Page } from './page-requests.ts';
import type { PageHead, ReadPage } from './read-page.ts';

export interface PageTrail {
  /** Requests made so far in this step. */
  readonly seen: Set<string>;
  /** The page after this one; null at the end. Throws what `nextPage` throws, and DocumentMismatch where the source's own total differs. */
  follow(page: Page, read: ReadPage & { readonly summary: DocumentSummary }): Page | null;
  /** The page after this one as far as is known before its end: by a link that can be asked for ahead. Undefined where nothing can. */
  foresee(page: Page, head: PageHead, wanted: Readonly<Record<string, string>>): Page | undefined;
  /** The slice ends before a page that has no document. Throws DocumentMismatch where the page before said that more records follow. */
  end(place: string): void;
}

/** Where the paging of a step came along, which tells where it leads; `before` counts the records of the slice's steps before it. */
export const newPageTrail = (
  http: HttpSource,
  begin: (token?: string) => PageRequest,
  before: number,
  redactor: Redactor,
): PageTrail => {
  const { next: form, total } = http;
  const { url: firstUrl } = begin();
  const asked = { url: firstUrl, trustedHosts: trustedHostsOf(http, firstUrl) };
  const isCounted = (form !== undefined && pagingFormOf(form).isCounted) || total !== undefined;
  const seen = new Set<string>();
  const digests = new Set<string>();
  let counted = before;
  /** Records of the slice, as the last page of this step said. */
  let announced: string | undefined;
  const isRepeated = (digest: string | undefined): boolean => {
    const isKnown = digest !== undefined && digests.has(digest);
    if (digest !== undefined) digests.add(digest);
    return isKnown;
  };
  const road: Pick<Trail, 'seen' | 'follow'> = {
    seen,
    follow: (link, of, at) => followSafely({ link, page: of, place: at }, asked, redactor),
  };
  return {
    seen,
    foresee: (page, { url, header }, wanted) => {
      if (form === undefined || !pagingFormOf(form).isAskedAhead) return undefined;
      const read = { request: page, answeredBy: url, header, wanted, records: 0 };
      try {
        const next = nextPage(
          form,
          { ...read, recordsBefore: counted, again: begin },
          { ...road, page: page.page, isRepeated: false },
        );
        return next === undefined ? undefined : { ...next, page: page.page + 1 };
      } catch (error) {
        // The page's own end says it.
        if (error instanceof TerminalError) return undefined;
        throw error;
      }
    },
    follow: (page, { summary, place, url, header, digest }) => {
      const records = total === undefined ? countRecords(form, summary) : countAll(summary);
      announced = total?.of === 'all' ? summary.wanted[TOTAL] : summary.wanted.total;
      const read = { request: page, answeredBy: url, header, wanted: summary.wanted, records };
      const next = nextPage(
        form,
        { ...read, recordsBefore: counted, again: begin },
        { ...road, page: page.page, isRepeated: isRepeated(digest) },
      );
      counted += records;
      const found = { ofPage: records, ofSlice: counted, isLast: next === undefined };
      if (total !== undefined) reconcile(total, summary.wanted[TOTAL], found, place);
      if (next === undefined) return null;
      const { url: target, body } = next;
      return {
        url: target,
        ...(body === undefined ? {} : { body }),
        page: page.page + 1,
        ...(isCounted ? { records: counted } : {}),
      };
    },
    end: (place) => {
      const all = announced?.trim() ?? '';
      if (all === '' || Number(all) <= counted) return;
      throw new DocumentMismatch(
        `${place} is the end by source.http.responses after ${counted} records, allowed ${all}, the total that the page before says`,
      );
    },
  };
};
