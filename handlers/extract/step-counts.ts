import { MAX_WARNINGS, type StepRecord } from '../../shared/records.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';

/** What the pages of a step gave together. */
export interface StepCounts {
  readonly pages: number;
  readonly records: number;
  readonly outside: number;
  readonly bytes: number;
  readonly largestCursor: string | undefined;
  readonly matched: readonly string[];
  /** What its documents should be looked at for: each once, the first few. */
  readonly warnings: readonly string[];
}

export const NO_PAGES: StepCounts = {
  pages: 0,
  records: 0,
  outside: 0,
  bytes: 0,
  largestCursor: undefined,
  matched: [],
  warnings: [],
};

/** Adds one page. */
export const addPage = (counts: StepCounts, page: DocumentSummary): StepCounts => ({
  pages: counts.pages + 1,
  records: counts.records + page.records,
  outside: counts.outside + page.outside,
  bytes: counts.bytes + page.bytes,
  largestCursor: largerCursor(counts.largestCursor, page.largestCursor),
  matched: union(counts.matched, page.matched),
  warnings: firstWarnings([...counts.warnings, ...page.warnings]),
});

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

/** The members of a step record that are counted, for a record or a sum. */
export const toRecordCounts = (
  counts: StepCounts,
): Pick<StepRecord, 'pages' | 'records' | 'outside' | 'bytes' | 'matched' | 'warnings' | 'largestCursor'> => {
  const { largestCursor, matched, warnings, ...numbers } = counts;
  return {
    ...numbers,
    matched: [...matched],
    warnings: [...warnings],
    ...(largestCursor === undefined ? {} : { largestCursor }),
  };
};
