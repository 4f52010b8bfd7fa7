import { EmptyBatch, TooManyRejects } from '../../shared/errors.ts';
import type { Contract } from '../../shared/feed/contract.ts';
import {
  type BatchRecord,
  MAX_FIRST_REJECTS,
  type Part,
  type PlanRecord,
  type StepRecord,
} from '../../shared/records.ts';
import { findExcess } from '../../shared/rejects-limit.ts';
import { firstWarnings, largerCursor, union } from './step-counts.ts';

type Content = Pick<BatchRecord, 'tables' | 'records' | 'outside' | 'rejects' | 'bytes' | 'largestCursor'>;

/** All steps of a batch together. */
export interface BatchSum {
  readonly content: Content;
  readonly matched: readonly string[];
  readonly firstRejects: readonly string[];
  /** What the documents themselves were read with. */
  readonly warnings: readonly string[];
}

/** Adds up the steps of a batch. */
export const sumSteps = (contract: Contract, steps: readonly StepRecord[]): BatchSum => {
  const total = (of: (step: StepRecord) => number): number => steps.reduce((sum, step) => sum + of(step), 0);
  const join = (of: (step: StepRecord) => { rows: number; parts: readonly Part[] } | undefined) => ({
    rows: total((step) => of(step)?.rows ?? 0),
    parts: steps.flatMap((step) => of(step)?.parts ?? []),
  });
  const tables = contract.tables.map(({ table }) => [table, join((step) => step.tables[table])] as const);
  const largestCursor = steps.map((step) => step.largestCursor).reduce(largerCursor, undefined);
  return {
    content: {
      tables: Object.fromEntries(tables),
      records: total((step) => step.records),
      outside: total((step) => step.outside),
      rejects: join((step) => step.rejects),
      bytes: total((step) => step.bytes),
      ...(largestCursor === undefined ? {} : { largestCursor }),
    },
    matched: steps.map((step) => step.matched).reduce(union, []),
    firstRejects: steps.flatMap((step) => step.firstRejects).slice(0, MAX_FIRST_REJECTS),
    warnings: firstWarnings(steps.flatMap((step) => step.warnings)),
  };
};

/** Why a batch must not be sealed: its rejects are over both of the feed's limits, or it is empty and must not be. */
export const findUnfit = (
  plan: PlanRecord,
  { content, firstRejects }: BatchSum,
): TooManyRejects | EmptyBatch | undefined => {
  const rejected = content.rejects.rows;
  const rows = Object.values(content.tables).reduce((sum, table) => sum + table.rows, 0);
  const { rejects, onEmpty } = plan.definition;
  const excess = findExcess(rejected, rows, rejects);
  if (excess !== undefined) {
    return new TooManyRejects(`${plan.batch} has ${excess}; first: ${firstRejects.join('; ')}`);
  }
  if (content.records === 0 && onEmpty === 'fail') {
    return new EmptyBatch(
      `${plan.batch}, read from ${placeOf(plan)}, has no record, allowed at least one (onEmpty: fail)`,
    );
  }
  return undefined;
};

const placeOf = ({ object, window, definition: { source } }: PlanRecord): string => {
  if (object !== undefined) return `s3://${object.bucket}/${object.key}`;
  const range = window === undefined ? '' : ` from ${window.from} to ${window.to}`;
  return source.kind === 'http' ? `${source.url}${range}` : '';
};

/** What a sealed batch should be looked at for, though nothing failed. */
export const warningsOf = (contract: Contract, sum: BatchSum): string[] => {
  const { records, outside, rejects } = sum.content;
  const rejected = `${rejects.rows} ${rejects.rows === 1 ? 'row was' : 'rows were'} rejected; first: ${sum.firstRejects.join('; ')}`;
  return [
    ...(rejects.rows === 0 ? [] : [rejected]),
    // Some are what a source sends that filters by day; all mean that it was asked wrongly.
    ...(records > 0 && outside === records
      ? [`no record lies in the window by its ${contract.cursor}: all ${records} were dropped`]
      : []),
    ...unmatchedColumns(contract, sum),
    ...sum.warnings,
  ];
};

/** One warning a column whose path matched nothing, in tables that have rows. */
const unmatchedColumns = (contract: Contract, { content, matched }: BatchSum): string[] =>
  contract.tables
    .filter(({ table }) => (content.tables[table]?.rows ?? 0) > 0)
    .flatMap(({ table, columns }) =>
      columns.flatMap(({ name, source }) =>
        source.kind === 'path' && !matched.includes(`${table}.${name}`)
          ? [`column ${table}.${name}: path ${source.path} matched nothing in the batch`]
          : [],
      ),
    );
