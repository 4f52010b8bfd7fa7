import type { Contract } from '../../shared/model/contract.ts';
import type { DocumentSummary, Reject, RowSink } from '../../shared/xml/document.ts';
import type { Held } from '../../shared/xml/held.ts';
import type { Unmapped } from '../../shared/xml/places.ts';
import type { Conversion } from './conversion-report.ts';

/** What a preview has read so far, of one document or several; it keeps no more rows than it shows. */
export interface PreviewSample {
  sinkOf(place: string): RowSink;
  add(summary: DocumentSummary): void;
  /** What it answers takes back all that was read since. */
  mark(): () => void;
  /** The first rows of each table, by its index. */
  readonly shown: readonly (readonly (readonly (string | null)[])[])[];
  readonly rejects: readonly (Reject & { readonly place: string })[];
  /** Of the documents that were read without an error. */
  summary(): Conversion;
}

/** Rejected rows that are told one by one. */
const MOST_REJECTS = 20;

export const newPreviewSample = ({ tables }: Contract, mostRows: number): PreviewSample => {
  const shown = tables.map((): (readonly (string | null)[])[] => []);
  const rejects: (Reject & { place: string })[] = [];
  const pages: DocumentSummary[] = [];
  return {
    shown,
    rejects,
    sinkOf: (place) => ({
      row: (table, values) => {
        const rows = shown[table];
        if (rows !== undefined && rows.length < mostRows) rows.push(values);
      },
      reject: (reject) => {
        if (rejects.length < MOST_REJECTS) rejects.push({ ...reject, place });
      },
      ready: () => undefined,
    }),
    add: (summary) => void pages.push(summary),
    mark: () => {
      const lists = [...shown, rejects, pages];
      const lengths = lists.map(({ length }) => length);
      return () => {
        for (const [index, list] of lists.entries()) list.length = lengths[index] ?? 0;
      };
    },
    summary: () => join(pages, tables.length),
  };
};

const join = (pages: readonly DocumentSummary[], tables: number): Conversion => {
  const total = (of: (page: DocumentSummary) => number): number => pages.reduce((n, page) => n + of(page), 0);
  return {
    records: total(({ records }) => records),
    rows: Array.from({ length: tables }, (_, t) => total(({ rows }) => rows[t] ?? 0)),
    rejects: total(({ rejects }) => rejects),
    rejectedBy: [...new Set(pages.flatMap(({ rejectedBy }) => rejectedBy))],
    orphans: total(({ orphans }) => orphans),
    outside: total(({ outside }) => outside),
    warnings: [...new Set(pages.flatMap(({ warnings }) => warnings))],
    matched: [...new Set(pages.flatMap(({ matched }) => matched))],
    held: joinHeld(pages.map(({ held }) => held)),
  };
};

/** What the first page says that says anything. */
const findIn = (all: readonly Held[], say: (held: Held) => string | undefined): string | undefined => {
  for (const held of all) {
    const found = say(held);
    if (found !== undefined) return found;
  }
  return undefined;
};

const joinHeld = (all: readonly Held[]): Conversion['held'] => ({
  nearest: (key) => findIn(all, (held) => held.nearest(key)),
  respelt: (path) => findIn(all, (held) => held.respelt(path)),
  unmapped: () => {
    const counts = new Map<string, number>();
    for (const { path, count } of all.flatMap((held) => held.unmapped()))
      counts.set(path, (counts.get(path) ?? 0) + count);
    const joined: Unmapped[] = [...counts].map(([path, count]) => ({ path, count }));
    return joined.sort((a, b) => b.count - a.count);
  },
  elsewhere: all.reduce((n, held) => n + held.elsewhere, 0),
});
