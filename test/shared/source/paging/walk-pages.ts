import type { PageRequest } from '../../../../shared/source/paging/form.ts';
import { nextPage, traceOf } from '../../../../shared/source/paging/next-page.ts';
import { type Next, pagingFormOf } from '../../../../shared/source/paging/registry.ts';
import { followLink } from '../../../../shared/source/trusted-hosts.ts';

/** What a server of a test answers to one page's request. */
export interface Served {
  readonly ids: readonly number[];
  readonly wanted?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads all pages of a server as a slice does, and gives the ids in order with what was asked for. */
export const walkPages = (
  next: Next,
  firstUrl: string,
  serve: (request: PageRequest) => Served,
  again: (token: string) => PageRequest = () => ({ url: firstUrl }),
): { readonly ids: readonly number[]; readonly asked: readonly PageRequest[] } => {
  const ids: number[] = [];
  const asked: PageRequest[] = [];
  const seen = new Set<string>();
  const digests = new Set<string>();
  let request: PageRequest | undefined = pagingFormOf(next).first(next, { url: firstUrl });
  while (request !== undefined) {
    asked.push(request);
    seen.add(traceOf(request));
    const served = serve(request);
    const digest = served.ids.join(' ');
    const read = {
      request,
      answeredBy: request.url,
      header: (name: string) => served.headers?.[name],
      wanted: served.wanted ?? {},
      records: served.ids.length,
      recordsBefore: ids.length,
      again,
    };
    ids.push(...served.ids);
    const follow = (link: string, page: string, place: string) =>
      followLink(link, page, [new URL(firstUrl).host], place);
    request = nextPage(next, read, { seen, follow, page: asked.length, isRepeated: digests.has(digest) });
    digests.add(digest);
  }
  return { ids, asked };
};
