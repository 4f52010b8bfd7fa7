import { parseFeed } from '../../../shared/feed/parse-feed.ts';
import { inferFeed } from '../../../shared/infer/infer-feed.ts';
import { INFER_LIMITS, type InferLimits } from '../../../shared/infer/limits.ts';
import type { InferredSource } from '../../../shared/infer/print-feed.ts';
import { readShape } from '../../../shared/infer/read-shape.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { type DocumentSummary, parseDocument, type Reject } from '../../../shared/xml/document.ts';

/** A document's inferred feed, and the document converted by it. */
export interface Inferred {
  readonly text: string;
  readonly feed: Feed;
  /** Rows by table, each an object of its columns. */
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, string | null>>[]>>;
  readonly rejects: readonly Reject[];
  readonly summary: DocumentSummary;
}

export async function* chunksOf(xml: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(xml);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export const inferText = async (
  xml: string | Uint8Array,
  { limits = INFER_LIMITS, source = { kind: 's3' } }: { limits?: InferLimits; source?: InferredSource } = {},
): Promise<string> => {
  const shape = await readShape(chunksOf(xml), { place: 'sample.xml', limits });
  return inferFeed(shape, { feed: 'sample', sample: 'sample.xml', source, check });
};

const check = (text: string) =>
  parseFeed(text, { file: 'sample.yaml', connections: new Map(), allowLoopback: true });

export const infer = async (
  xml: string | Uint8Array,
  limits: InferLimits = INFER_LIMITS,
): Promise<Inferred> => {
  const text = await inferText(xml, { limits });
  const result = check(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const { contract } = result.feed;
  const rows: Record<string, Record<string, string | null>[]> = {};
  const rejects: Reject[] = [];
  for (const { table } of contract.tables) rows[table] = [];
  const summary = await parseDocument(
    chunksOf(xml),
    { contract, place: 'sample.xml', rowNumbers: { base: 0, used: contract.tables.map(() => 0) } },
    {
      row: (index, values) => {
        const table = contract.tables[index];
        if (table === undefined) return;
        rows[table.table]?.push(
          Object.fromEntries(table.columns.map(({ name }, column) => [name, values[column] ?? null])),
        );
      },
      reject: (reject) => void rejects.push(reject),
      ready: () => undefined,
    },
  );
  return { text, feed: result.feed, rows, rejects, summary };
};
