import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../../infra/local/loopback.ts';
import type { Row } from './folder.ts';

/**
 * A book trade's catalogue as some server out there might publish it: a vocabulary of its own, in namespaces, seven
 * pages whose link to the next is the last element of a page. No part of the project knows it.
 */

export const PAGES = 7;
export const BOOKS_PER_PAGE = 3;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What a healthy server would answer. */
  readonly xml: string;
  readonly page: number;
  /** How often this page of this shelf was asked for, from 1. */
  readonly asked: number;
}

/** Answers in place of the healthy server; `pass` answers as it does. */
export type Misbehaviour = (exchange: Exchange) => 'pass' | undefined;

export interface Catalogue {
  readonly origin: string;
  readonly port: number;
  /** Method, path and query of every request, oldest first. */
  readonly requests: readonly string[];
  /** From now on every shelf is healthy. */
  mend(): void;
  close(): Promise<void>;
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const modified = (book: number): string => `2026-06-${String(book).padStart(2, '0')}T08:30:00+02:00`;

const bookXml = (book: number): string => `
  <lib:book id="b-${book}">
    <lib:title xml:lang="en">Book ${book} &amp; <![CDATA[<more>]]></lib:title>
    <lib:changed>${modified(book)}</lib:changed>
    <lib:extent lib:pages="${book * 100}"/>
    <foreign:title>not this one</foreign:title>
  </lib:book>`;

const pageXml = (page: number, next: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<lib:catalogue xmlns:lib="urn:example:catalogue" xmlns:foreign="urn:example:other" site="Zürich 𝔐">
  <lib:note>page ${page}</lib:note>${numbers((page - 1) * BOOKS_PER_PAGE + 1, page * BOOKS_PER_PAGE)
    .map(bookXml)
    .join('')}${next === '' ? '' : `\n  <lib:more href="${next.replaceAll('&', '&amp;')}"/>`}
</lib:catalogue>
`;

/** The feed file of one shelf; `more` is added to its source, `extra` to the file. */
export const shelfFeed = (
  shelf: string,
  url: string,
  { more = '', extra = '' }: { readonly more?: string; readonly extra?: string } = {},
): string => `feed: ${shelf}
source:
  http:
    url: ${url}
    params: { since: "\${window.from}", before: "\${window.to}" }
    next: { url: "/c:catalogue/c:more/@href" }
${more}schedule: rate(1 hour)
window: { cursor: changed, start: 2026-01-01T00:00:00Z, format: iso }
namespaces: { c: "urn:example:catalogue" }
${extra}tables:
  shelves.${shelf}:
    rows: /c:catalogue/c:book
    disposition: merge
    key: [id]
    columns:
      id: varchar(16) <- @id
      title: varchar(64) <- c:title
      changed: timestamptz <- c:changed
      pages: integer <- c:extent/@c:pages
      site: varchar(16) <- /c:catalogue/@site
      note: varchar(16) <- /c:catalogue/c:note
`;

/** The columns of a shelf in a query, in an order in which rows can be compared. */
export const SHELF_COLUMNS = 'id, title, changed, pages, site, note';

/** The rows that every shelf has when it was read whole. */
export const shelfRows: readonly Row[] = numbers(1, PAGES * BOOKS_PER_PAGE).map((book) => ({
  id: `b-${book}`,
  title: `Book ${book} & <more>`,
  changed: `2026-06-${String(book).padStart(2, '0')} 06:30:00+00`,
  pages: book * 100,
  site: 'Zürich 𝔐',
  note: `page ${Math.ceil(book / BOOKS_PER_PAGE)}`,
}));

/** Starts the catalogue with shelves that misbehave until they are mended, by name; other shelves are healthy. */
export const startCatalogue = async (
  shelves: Readonly<Record<string, Misbehaviour>>,
  port?: number,
): Promise<Catalogue> => {
  const requests: string[] = [];
  const asked = new Map<string, number>();
  let isMended = false;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const shelf = url.pathname.slice(1);
    if (shelf === '') {
      response.writeHead(200).end();
      return;
    }
    const page = Number(url.searchParams.get('p') ?? '1');
    const xml = isBefore(url) ? pageXml(page, nextOf(url, page)) : EMPTY;
    const count = (asked.get(`${shelf} ${page}`) ?? 0) + 1;
    asked.set(`${shelf} ${page}`, count);
    const misbehave = isMended ? undefined : shelves[shelf];
    const outcome = misbehave?.({ request, response, xml, page, asked: count }) ?? undefined;
    if (misbehave === undefined || outcome === 'pass') answerXml(response, xml);
  });
  const { url: origin } = await listen(server, port);
  return {
    origin,
    port: Number(new URL(origin).port),
    requests,
    mend: () => {
      isMended = true;
    },
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
};

const listen = async (server: ReturnType<typeof createServer>, port: number | undefined) => {
  if (port === undefined) return listenOnLoopback(server);
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${port}` };
};

/** All books changed in June 2026: a window that begins later has none. */
const isBefore = (url: URL): boolean => (url.searchParams.get('since') ?? '') < '2026-06';

const EMPTY = '<lib:catalogue xmlns:lib="urn:example:catalogue"/>';

const nextOf = (url: URL, page: number): string => {
  if (page === PAGES) return '';
  const next = new URL(url);
  next.searchParams.set('p', String(page + 1));
  return `${next.pathname}${next.search}`; // relative, as servers behind a proxy write it
};

export const answerXml = (
  response: ServerResponse,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string | number>> = {},
): void => {
  response.writeHead(200, { 'content-type': 'application/xml', ...headers }).end(body);
};
