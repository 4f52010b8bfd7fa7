import type { TableContract } from '../../shared/model/contract.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { linkPaths } from '../../shared/source/paging/unmatched-next.ts';
import { MAX_WARNINGS, type StepRecord } from '../../shared/state/records.ts';
import { listUnmatched } from '../../shared/unmatched.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';
import type { Held } from '../../shared/xml/held.ts';

/** What the pages of a step gave together. */
export interface StepCounts {
  readonly pages: number;
  readonly records: number;
  /** Of them, those that were not plain, of which saxes read something. */
  readonly hardRecords: number;
  /** Of them, those that were read whole, by the shape of one before. */
  readonly shapedRecords: number;
  readonly outside: number;
  /** Of them, those before the window. */
  readonly older: number;
  /** Child rows that went with a rejected row. */
  readonly orphans: number;
  readonly bytes: number;
  readonly largestCursor: string | undefined;
  readonly matched: readonly string[];
  /** What its documents should be looked at for: each once, the first few. */
  readonly warnings: readonly string[];
  readonly rejected: Readonly<Record<string, number>>;
  /** Names as `matched` has them. */
  readonly rejectedBy: readonly string[];
  /** A page had as many records as its request asked for, and said nothing of another. */
  readonly isFull: boolean;
  /** What the page with the most records holds: where names are looked for that matched nothing. */
  readonly held: { readonly records: number; readonly of: Held } | undefined;
}

export const NO_PAGES: StepCounts = {
  pages: 0,
  records: 0,
  hardRecords: 0,
  shapedRecords: 0,
  outside: 0,
  older: 0,
  orphans: 0,
  bytes: 0,
  largestCursor: undefined,
  matched: [],
  warnings: [],
  rejected: {},
  rejectedBy: [],
  isFull: false,
  held: undefined,
};

/** Adds one page. */
export const addPage = (counts: StepCounts, page: DocumentSummary): StepCounts => ({
  pages: counts.pages + 1,
  records: counts.records + page.records,
  hardRecords: counts.hardRecords + page.hardRecords,
  shapedRecords: counts.shapedRecords + page.shapedRecords,
  outside: counts.outside + page.outside,
  older: counts.older + page.order.older,
  orphans: counts.orphans + page.orphans,
  bytes: counts.bytes + page.bytes,
  largestCursor: largerCursor(counts.largestCursor, page.largestCursor),
  matched: union(counts.matched, page.matched),
  warnings: firstWarnings([...counts.warnings, ...page.warnings]),
  rejected: addByName(counts.rejected, page.rejected),
  rejectedBy: union(counts.rejectedBy, page.rejectedBy),
  isFull: counts.isFull,
  held:
    counts.held === undefined || page.records > counts.held.records
      ? { records: page.records, of: page.held }
      : counts.held,
});

/** Adds up two counts by name. */
export const addByName = (
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> => {
  const sum = { ...a };
  for (const [name, n] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + n;
  return sum;
};

/** The larger of two cursors in canonical text: numbers by value, times (which sort as text) by text. */
export const largerCursor = (a: string | undefined, b: string | undefined): string | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  const isNumeric = NUMBER.test(a) && NUMBER.test(b);
  return (isNumeric ? compareNumbers(a, b) : compareTexts(a, b)) >= 0 ? a : b;
};

const NUMBER = /^-?\d+(\.\d+)?$/;
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Beyond doubles, as bigint columns may be, the digits decide. */
const compareNumbers = (a: string, b: string): number =>
  /\./.test(a + b) ? Number(a) - Number(b) : compareBigInts(BigInt(a), BigInt(b));
const compareBigInts = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Both lists' members, once each, sorted. */
export const union = (a: readonly string[], b: readonly string[]): string[] =>
  [...new Set([...a, ...b])].sort();

/** The first warnings, each once. */
export const firstWarnings = (warnings: readonly string[]): string[] =>
  [...new Set(warnings)].slice(0, MAX_WARNINGS);

/** Names that matched nothing whose nearest are looked for: each costs a look at all that the page holds. */
const MOST_NEAREST = 100;

/** The members of a step record that are counted. `rows` are those kept of each table. */
export const toRecordCounts = (
  {
    largestCursor,
    matched,
    rejected,
    rejectedBy,
    held,
    warnings,
    isFull,
    orphans,
    hardRecords: _,
    shapedRecords: __,
    ...numbers
  }: StepCounts,
  { contract, source }: Feed,
  rows: Readonly<Record<string, number>>,
): Pick<
  StepRecord,
  | 'pages'
  | 'records'
  | 'outside'
  | 'older'
  | 'orphans'
  | 'bytes'
  | 'matched'
  | 'rejected'
  | 'rejectedBy'
  | 'nearest'
  | 'respelt'
  | 'warnings'
  | 'largestCursor'
  | 'isFull'
> => {
  const sets = { matched: new Set(matched), rejectedBy: new Set(rejectedBy) };
  const respelt = ({ rows: path }: TableContract): string | undefined => held?.of.respelt(path);
  const unmatched = listUnmatched(contract, { ...sets, rows, respelt }).slice(0, MOST_NEAREST);
  const nearest = unmatched.flatMap(({ key }) => {
    const found = held?.of.nearest(key);
    return found === undefined ? [] : [[key, found] as const];
  });
  const respell = (paths: readonly { readonly key: string; readonly path: string }[]) =>
    paths.flatMap(({ key, path }) => {
      const found = matched.includes(key) ? undefined : held?.of.respelt(path);
      return found === undefined ? [] : [[key, found] as const];
    });
  const links = respell(source.kind === 'http' ? linkPaths(source) : []);
  const roots = respell(
    contract.tables.flatMap(({ table, rows, parent }) =>
      parent === undefined ? [{ key: table, path: rows }] : [],
    ),
  );
  return {
    ...numbers,
    matched: [...matched],
    rejected,
    ...(rejectedBy.length === 0 ? {} : { rejectedBy: [...rejectedBy] }),
    warnings: [...warnings],
    nearest: Object.fromEntries([...nearest, ...links]),
    ...(roots.length === 0 ? {} : { respelt: Object.fromEntries(roots) }),
    ...(isFull ? { isFull } : {}),
    ...(orphans === 0 ? {} : { orphans }),
    ...(largestCursor === undefined ? {} : { largestCursor }),
  };
};
