import { parseFeed } from '../../../shared/feed/parse-feed.ts';
import { parse } from '../xml/documents.ts';

/** Columns as a feed file has them, tried on documents. */

const feedOf = (columns: Readonly<Record<string, unknown>>, rows: string, namespaces = {}) =>
  parseFeed(
    JSON.stringify({
      feed: 'f',
      source: { s3: {} },
      namespaces,
      tables: { 's.t': { rows, disposition: 'append', columns } },
    }),
    { file: 'f.yaml', connections: new Map(), allowLoopback: false },
  );

/** What is wrong with one column, without its place. */
export const problemsOf = (column: unknown, rows = '/r/i'): readonly string[] => {
  const result = feedOf({ c: column }, rows);
  return result.ok
    ? []
    : result.problems.map(({ message }) => message.replace(/^tables\.s\.t\.columns\./, ''));
};

/** The rows of a document, a reject as its reason. */
export const rowsOf = async (
  columns: Readonly<Record<string, unknown>>,
  xml: string,
  rows = '/r/i',
): Promise<readonly unknown[]> => {
  const result = feedOf(columns, rows);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  const { rows: found, rejects } = await parse(xml, result.feed.contract);
  return [...(found[0] ?? []), ...rejects.map(({ reason }) => reason)];
};

/** One column of `/r/i`, by the items' inner markup. */
export const valuesOf = async (column: unknown, ...items: readonly string[]): Promise<readonly unknown[]> =>
  (await rowsOf({ c: column }, `<r>${items.map((inner) => `<i>${inner}</i>`).join('')}</r>`)).map((row) =>
    Array.isArray(row) ? row[0] : row,
  );
