import { DocumentMismatch, EmptyBatch, TooManyRejects } from '../../shared/errors.ts';
import { type Contract, targetTables } from '../../shared/model/contract.ts';
import type { Feed } from '../../shared/model/feed.ts';
import {
  findEmptied,
  findExcess,
  tellEmptied,
  tellOrphans,
  tellRejected,
} from '../../shared/rejects-limit.ts';
import { linkPaths, tellUnmatchedNext } from '../../shared/source/paging/unmatched-next.ts';
import {
  type BatchRecord,
  MAX_FIRST_REJECTS,
  type Part,
  type PlanRecord,
  type StepRecord,
} from '../../shared/state/records.ts';
import { listUnmatched, tellUnmatched } from '../../shared/unmatched.ts';
import { addByName, firstWarnings, largerCursor } from './step-counts.ts';

type Content = Pick<BatchRecord, 'tables' | 'records' | 'outside' | 'rejects' | 'bytes' | 'largestCursor'>;

/** All steps of a batch together. */
export interface BatchSum {
  readonly content: Content;
  /** Records before the window; of steps that did not count them so, all that are outside. */
  readonly older: number;
  /** Child rows that went with a rejected row; of steps that did not count them, none. */
  readonly orphans: number;
  readonly matched: ReadonlySet<string>;
  /** By table; of steps that did not count them so, none. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Columns whose value, or want of one, rejected rows; of steps that did not say so, none. */
  readonly rejectedBy: ReadonlySet<string>;
  readonly nearest: Readonly<Record<string, string>>;
  /** By table: what its rows are misspelt for. */
  readonly respelt: Readonly<Record<string, string>>;
  readonly isFull: boolean;
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
    older: total(({ older, outside }) => older ?? outside),
    orphans: total(({ orphans }) => orphans ?? 0),
    matched: new Set([...steps.flatMap((step) => step.matched), ...oldMatches(contract, steps)]),
    rejected: steps.map((step) => step.rejected ?? {}).reduce(addByName, {}),
    rejectedBy: new Set(steps.flatMap((step) => step.rejectedBy ?? [])),
    nearest: Object.assign({}, ...steps.map((step) => step.nearest ?? {}).reverse()),
    respelt: Object.assign({}, ...steps.map((step) => step.respelt ?? {}).reverse()),
    isFull: steps.some((step) => step.isFull === true),
    firstRejects: steps.flatMap((step) => step.firstRejects),
    warnings: firstWarnings(steps.flatMap((step) => step.warnings)),
  };
};

/** Steps of before rejects were counted by table do not say whether a table's rows matched; nothing is claimed of those. */
const oldMatches = (contract: Contract, steps: readonly StepRecord[]): readonly string[] =>
  steps.some((step) => step.rejected === undefined) ? contract.tables.map(({ table }) => table) : [];

/** The first few, for messages; of one table where it is given. */
const tellFirst = ({ firstRejects }: BatchSum, table?: string): string =>
  firstRejects
    .filter((told) => table === undefined || told.startsWith(`${table} at `))
    .slice(0, MAX_FIRST_REJECTS)
    .join('; ');

const rowsOf = ({ content }: BatchSum): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(content.tables).map(([table, { rows }]) => [table, rows]));

/**
 * Why a batch must not be sealed: a table rejected rows and kept none, its rejects are over both of the feed's limits, it is empty
 * and must not be, or a misspelt path kept all its records, or all pages but the first, from it: a sealed window is not read again.
 */
export const findUnfit = (
  plan: PlanRecord,
  sum: BatchSum,
): TooManyRejects | EmptyBatch | DocumentMismatch | undefined => {
  const { content } = sum;
  const emptied = findEmptied(sum.rejected, rowsOf(sum));
  if (emptied !== undefined) {
    const { contract } = plan.definition;
    const why = tellEmptied(emptied, sum.rejected, contract, sum.rejectedBy);
    const unmatched = unmatchedPaths(contract, sum).filter((told) => told.startsWith(`column ${emptied}.`));
    return new TooManyRejects(
      [
        `${plan.batch} has ${why}`,
        ...tellOutside(plan, sum),
        `first: ${tellFirst(sum, emptied)}`,
        ...unmatched,
      ].join('; '),
    );
  }
  const rejected = content.rejects.rows;
  const rows = Object.values(content.tables).reduce((sum, table) => sum + table.rows, 0);
  const { rejects, onEmpty } = plan.definition;
  const excess = findExcess(rejected, rows, rejects);
  if (excess !== undefined) {
    return new TooManyRejects(
      [`${plan.batch} has ${excess}`, ...tellOutside(plan, sum), `first: ${tellFirst(sum)}`].join('; '),
    );
  }
  if (content.records === 0 && onEmpty === 'fail') {
    const unmatched = unmatchedPaths(plan.definition.contract, sum);
    const why =
      plan.definition.contract.compares === undefined ? 'onEmpty: fail' : 'or every row would be gone';
    return new EmptyBatch(
      [
        `${plan.batch}, read from ${placeOf(plan)}, has no record, allowed at least one (${why})`,
        ...unmatched,
      ].join('; '),
    );
  }
  return findMisspelt(plan, sum);
};

const findMisspelt = (plan: PlanRecord, sum: BatchSum): EmptyBatch | DocumentMismatch | undefined => {
  const { contract, source, acceptsEmpty } = plan.definition;
  const [record] = contract.tables;
  const rows = record && sum.respelt[record.table];
  if (rows !== undefined && !hasRecords(contract, sum) && acceptsEmpty !== true) {
    return new EmptyBatch(
      `${plan.batch}, read from ${placeOf(plan)}, has no record by ${record?.rows}, though it has ${rows}: mend the path of rows, or write ` +
        'onEmpty: accept where this is right',
    );
  }
  const [link] = sum.isFull ? unmatchedLinks(source, sum, (key) => sum.nearest[key] !== undefined) : [];
  return link === undefined
    ? undefined
    : new DocumentMismatch(`${plan.batch}, read from ${placeOf(plan)}: ${link}`);
};

/** Rows that were neither kept nor rejected: whoever counts the document's misses them. */
const tellOutside = ({ definition: { contract } }: PlanRecord, sum: BatchSum): readonly string[] => {
  const { outside } = sum.content;
  if (outside === 0) return [];
  const of = contract.tables.length > 1 ? ` of ${contract.tables[0]?.table}` : '';
  const [rows, were] = outside === 1 ? ['row', 'was'] : ['rows', 'were'];
  return [`${outside} ${rows}${of} ${were} outside the window by ${contract.cursor}, and dropped`];
};

const placeOf = ({ object, window, definition: { source } }: PlanRecord): string => {
  if (object !== undefined) return `s3://${object.bucket}/${object.key}`;
  const range = window === undefined ? '' : ` from ${window.from} to ${window.to}`;
  return source.kind === 'http' ? `${source.url}${range}` : '';
};

/** What a sealed batch should be looked at for, though nothing failed. */
export const warningsOf = ({ contract, window, source }: Feed, sum: BatchSum): string[] => {
  const { outside, rejects } = sum.content;
  return [
    ...(rejects.rows === 0 ? [] : [tellRejected(rejects.rows, tellFirst(sum))]),
    ...(sum.orphans === 0 ? [] : [tellOrphans(sum.orphans)]),
    // Some are what a source sends that filters by day; all mean that it was asked wrongly.
    ...(outside > 0 && !keepsAny(contract, sum) && !isExpected(window, sum)
      ? [`no record lies in the window by its ${contract.cursor}: all ${outside} were dropped`]
      : []),
    ...unmatchedPaths(contract, sum),
    ...unmatchedLinks(source, sum),
    ...sum.warnings,
  ];
};

/** Whether any record was kept or rejected, and so not dropped; tombstones are held to no window. */
const keepsAny = (contract: Contract, sum: BatchSum): boolean => {
  const [kept, { rejected }] = [rowsOf(sum), sum];
  return targetTables(contract).some(({ table }) => (kept[table] ?? 0) > 0 || (rejected[table] ?? 0) > 0);
};

/** Whether a source that is asked rightly may send nothing but what lies outside: the newest that there are, or what lies on the end. */
const isExpected = (window: Feed['window'], { older }: BatchSum): boolean =>
  window?.stopWhenOlder === true || (window?.until === 'inclusive' && older === 0);

/** Whether any record was found that is more than a tombstone. */
const hasRecords = ({ tables }: Contract, { matched }: BatchSum): boolean =>
  tables.some(({ table, deletes }) => deletes === undefined && matched.has(table));

/** One warning a path that matched nothing. A batch without any record has none to match, unless its documents hold something else. */
const unmatchedPaths = (contract: Contract, sum: BatchSum): string[] =>
  listUnmatched(contract, { ...sum, rows: rowsOf(sum), respelt: ({ table }) => sum.respelt[table] })
    .filter(({ what, key }) => what === 'path' || hasRecords(contract, sum) || sum.nearest[key] !== undefined)
    .map((unmatched) => tellUnmatched(unmatched, 'the batch', sum.nearest[unmatched.key]));

/** Paths that should lead from page to page, and led nowhere though there is a sign of another page. */
const unmatchedLinks = (
  source: Feed['source'],
  { matched, nearest, isFull }: BatchSum,
  isTold: (key: string) => boolean = (key) => isFull || nearest[key] !== undefined,
): string[] =>
  (source.kind === 'http' ? linkPaths(source) : [])
    .filter(({ key }) => !matched.has(key) && isTold(key))
    .map((link) => tellUnmatchedNext(link, nearest[link.key]));
