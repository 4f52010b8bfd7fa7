import { type DocumentServer, serveDocuments } from '../documents.ts';
import type { DayKind } from './kinds.ts';
import type { Item, Source } from './truth.ts';

/** Changes an answer for the worse; a number is a status. */
export type Spoils = (xml: string, url: URL) => string | number;

/** A feed's source as its server sees it. */
export interface Served {
  readonly name: string;
  readonly kind: DayKind;
  readonly source: Source;
  readonly spoils: Spoils | undefined;
  /** It answers by an error. */
  readonly isCut?: boolean | undefined;
  /** Answers wait for it. */
  readonly gate?: Promise<void> | undefined;
}

const PAGE = 4;

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const toTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const toItem = ({ id, modifiedMs, text, notes }: Item): string =>
  `<item id="${id}" modified="${toTime(modifiedMs)}"><text>${escapeXml(text)}</text>${notes
    .map((note) => `<note>${escapeXml(note)}</note>`)
    .join('')}</item>`;

/** A document of items. */
export const toDocument = (items: readonly Item[], gone = '', next?: string): string =>
  `<list${next === undefined ? '' : ` next="${escapeXml(next)}"`}>${items.map(toItem).join('\n')}${gone}</list>`;

const answerOf = async (served: Served, part: string, url: URL): Promise<string | number> => {
  const { kind, source, gate } = served;
  await gate;
  if (served.isCut === true) return 503;
  const { spoils } = served;
  const { items, gone } = kind.answer(source, { part, query: url.searchParams });
  const page = Number(url.searchParams.get('page') ?? '0');
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  const here = items.slice(page * PAGE, (page + 1) * PAGE);
  const tombstones = gone.map((id) => `<gone id="${id}" modified="${toTime(source.gone.get(id) ?? 0)}"/>`);
  const hasMore = items.length > (page + 1) * PAGE;
  const xml = toDocument(here, tombstones.join(''), hasMore ? `${next.pathname}${next.search}` : undefined);
  return spoils === undefined ? xml : spoils(xml, url);
};

/** Serves all feeds' sources, each below its name, in pages of four items. */
export const serveSources = (served: readonly Served[]): Promise<DocumentServer> =>
  serveDocuments(
    Object.fromEntries(
      served.flatMap((one) =>
        ['', '/p0', '/p1', '/p2', '/gone'].map((part) => [
          `${one.name}${part}`,
          ({ url }: { readonly url: URL }) => answerOf(one, part.slice(1), url),
        ]),
      ),
    ),
  );
