import { DocumentMismatch } from '../../shared/errors.ts';
import type { HttpSource } from '../../shared/model/feed.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { followSafely } from '../../shared/source/follow-safely.ts';
import { countAll, countRecords } from '../../shared/source/paging/count-records.ts';
import type { PageRequest } from '../../shared/source/paging/form.ts';
import { nextPage } from '../../shared/source/paging/next-page.ts';
import { pagingFormOf } from '../../shared/source/paging/registry.ts';
import { reconcile, TOTAL } from '../../shared/source/paging/total.ts';
import { trustedHostsOf } from '../../shared/source/trusted-hosts.ts';
import type { StepRecord } from '../../shared/state/records.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';

/** A page that is to be read, and where the slice stands before it. */
export type Page = NonNullable<StepRecord['continuation']>;

/** What was read of a page. */
export interface ReadPage {
  readonly summary: DocumentSummary;
  readonly place: string;
  /** Where the answer came from in the end. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  /** Of its bytes, where paging counts. */
  readonly digest: string | undefined;
}

export interface PageTrail {
  /** Requests made so far in this step. */
  readonly seen: Set<string>;
  /** The page after this one; null at the end. Throws what `nextPage` throws, and DocumentMismatch where the source's own total differs. */
  follow(page: Page, read: ReadPage): Page | null;
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
  return {
    seen,
    follow: (page, { summary, place, url, header, digest }) => {
      const records = total === undefined ? countRecords(form, summary) : countAll(summary);
      announced = total?.of === 'all' ? summary.wanted[TOTAL] : summary.wanted.total;
      const read = { request: page, answeredBy: url, header, wanted: summary.wanted, records };
      const next = nextPage(
        form,
        { ...read, recordsBefore: counted, again: begin },
        {
          seen,
          follow: (link, of, at) => followSafely({ link, page: of, place: at }, asked, redactor),
          page: page.page,
          isRepeated: isRepeated(digest),
        },
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
