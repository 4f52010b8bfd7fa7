import type { Source, SourceClock, SourceRequest } from '../../handlers/ports/source.ts';
import { showUrl } from '../../shared/source/trusted-hosts.ts';

export interface PagedSourceOptions {
  readonly pages: number;
  readonly rowsPerPage: number;
  /** Called before each answer: throws what the source fails with, moves the clock, or writes another body. */
  readonly onOpen?: (
    page: number,
    request: SourceRequest,
  ) => string | undefined | Promise<string | undefined>;
  readonly clockMs?: number;
}

/** Rows of the paged source are the numbers from 1; each is modified a second after the one before. */
export const FIRST_MODIFIED_MS = Date.parse('2026-11-02T00:00:00Z');

/** One page of work items, each with a comment: `first` to `last`, and a link to the next page where there is one. */
export const pageXml = (first: number, last: number, next?: string): string => {
  const link = next === undefined ? '' : ` rel="next" href="${next.replaceAll('&', '&amp;')}"`;
  const items = Array.from({ length: last - first + 1 }, (_, i) => {
    const modified = new Date(FIRST_MODIFIED_MS + (first + i) * 1000).toISOString();
    return `<workItem><id>${first + i}</id><modified>${modified}</modified><comments><content>c${first + i}</content></comments></workItem>`;
  });
  return `<workitem Version="1.0.0"${link}>\n${items.join('\n')}\n</workitem>`;
};

/** A Source in memory that pages by `pos`; `opened` is what was asked for, in order. */
export const pagedSource = ({ pages, rowsPerPage, onOpen, clockMs }: PagedSourceOptions) => {
  const opened: number[] = [];
  const source: Source & SourceClock = {
    open: async (request, { signal }) => {
      signal.throwIfAborted();
      const url = new URL(request.url);
      const page = Number(url.searchParams.get('pos') ?? '0') + 1;
      opened.push(page);
      const body = await onOpen?.(page, request);
      const next = new URL(url);
      next.searchParams.set('pos', String(page));
      const first = (page - 1) * rowsPerPage + 1;
      const xml = body ?? pageXml(first, first + rowsPerPage - 1, page < pages ? next.href : undefined);
      return {
        url: showUrl(url),
        header: () => undefined,
        charset: undefined,
        body: (async function* () {
          signal.throwIfAborted();
          yield Buffer.from(xml);
        })(),
      };
    },
    readClock: async (_url, _route, signal) => {
      signal.throwIfAborted();
      return clockMs;
    },
  };
  return { ...source, opened };
};
