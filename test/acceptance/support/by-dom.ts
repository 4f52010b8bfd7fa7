import { createRequire } from 'node:module';
import { DOMParser, type Node as DomNode } from '@xmldom/xmldom';
import type { Row } from './folder.ts';

/** Rows of documents worked out by a DOM and XPath 1.0: nothing of the project's own readers has a part in them. */

/** What one cell holds, of the node that gives the row. */
export type Cell = (row: DomNode, select: Select) => unknown;
type Select = (path: string, from: DomNode) => readonly DomNode[];

interface XPath {
  useNamespaces(namespaces: Readonly<Record<string, string>>): (path: string, from: DomNode) => unknown;
}

// Not imported: its declarations bring the browser's types, which change fetch and Blob in every file.
const xpath: XPath = createRequire(import.meta.url)('xpath');

const parse = (text: string): DomNode => new DOMParser().parseFromString(text, 'text/xml');

/** The rows of all documents, in their order. */
export const rowsByDom = (
  documents: readonly string[],
  namespaces: Readonly<Record<string, string>>,
  rows: string,
  cells: Readonly<Record<string, Cell>>,
): readonly Row[] => {
  const found = xpath.useNamespaces(namespaces);
  const select: Select = (path, from) => {
    const nodes = found(path, from);
    return Array.isArray(nodes) ? (nodes as DomNode[]) : [];
  };
  return documents
    .flatMap((text) => select(rows, parse(text)))
    .map((row) => Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, cell(row, select)])));
};

export const textsAt =
  (path: string) =>
  (row: DomNode, select: Select): readonly string[] =>
    select(path, row).map((node) => (node.textContent ?? '').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));

/** The trimmed text of what is there; null for none and for an empty one. */
export const textAt =
  (path: string) =>
  (row: DomNode, select: Select): string | null =>
    textsAt(path)(row, select)[0] || null;

const mapped =
  (path: string, of: (text: string) => unknown): Cell =>
  (row, select) => {
    const text = textAt(path)(row, select);
    return text === null ? null : of(text);
  };

export const numberAt = (path: string): Cell => mapped(path, Number);
export const booleanAt = (path: string): Cell => mapped(path, (text) => text === 'true');
export const decimalAt = (path: string, scale: number): Cell =>
  mapped(path, (text) => Number(text).toFixed(scale));
/** A time with its offset, or in UTC, as the warehouse prints a timestamptz; fractions up to milliseconds. */
export const timeAt = (path: string): Cell =>
  mapped(path, (text) => {
    const hasOffset = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T');
    const time = text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
    const iso = new Date(hasOffset ? time : `${time}Z`).toISOString();
    return `${iso.replace('T', ' ').replace(/\.?0*Z$/, '')}+00`;
  });

/** The last row of each key, by key: what a merge of versions in their order leaves. */
export const lastOfEach = (rows: readonly Row[], key: string): readonly Row[] =>
  [...new Map(rows.map((row) => [row[key], row])).values()].sort((a, b) =>
    String(a[key]) < String(b[key]) ? -1 : 1,
  );
