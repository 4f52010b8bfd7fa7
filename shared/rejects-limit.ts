import type { Contract } from './model/contract.ts';

/** How many rejected rows a feed bears. */
export interface RejectsLimit {
  readonly count: number;
  readonly percent: number;
}

/** With so many digits that the number is over the limit as it reads, too. */
const toPercent = (percent: number, limit: number): string => {
  let digits = 2;
  while (digits < 20 && Number(percent.toFixed(digits)) <= limit) digits += 1;
  return `${percent.toFixed(digits).replace(/\.?0+$/, '')}%`;
};

const toRejects = (n: number): string => `${n} ${n === 1 ? 'reject' : 'rejects'}`;

/** Counts by table. */
type ByTable = Readonly<Record<string, number>>;

/** The first table that rejected rows and kept none: however few they are, its mapping or its source is wrong. */
export const findEmptied = (rejected: ByTable, rows: ByTable): string | undefined =>
  Object.keys(rejected).find((table) => (rejected[table] ?? 0) > 0 && (rows[table] ?? 0) === 0);

/** Why a table must not be left without its rows, and what to do: null is in the place of no key, and of nothing that is required. */
export const tellEmptied = (
  emptied: string,
  rejected: ByTable,
  { tables }: Pick<Contract, 'tables'>,
  rejectedBy: ReadonlySet<string>,
): string => {
  const columns = tables.find(({ table }) => table === emptied)?.columns ?? [];
  const mayBeNull = columns.some(({ name, required }) => !required && rejectedBy.has(`${emptied}.${name}`));
  const none = mayBeNull ? ', or write onError: setNull there' : '';
  return `table ${emptied} with ${toRejects(rejected[emptied] ?? 0)} and no row kept, allowed at least one row: mend the path, type or format of the column that is named${none}`;
};

/** Why these are too many rejects, which needs them to be over both limits; undefined when they are not. */
export const findExcess = (rejected: number, rows: number, limit: RejectsLimit): string | undefined => {
  const percent = rejected === 0 ? 0 : (100 * rejected) / (rejected + rows);
  if (rejected <= limit.count || percent <= limit.percent) return undefined;
  const shown = toPercent(percent, limit.percent);
  return `${toRejects(rejected)}, ${shown} of its rows, allowed ${toRejects(limit.count)} or ${limit.percent}%: it is over both`;
};

/** The warning of a batch that is sealed with rejects; `first` tells the first of them, without values. */
export const tellRejected = (rejected: number, first: string): string =>
  `${rejected} ${rejected === 1 ? 'row was' : 'rows were'} rejected; first: ${first}`;

/** The warning of child rows that went with a rejected row; they are no rejects. */
export const tellOrphans = (orphans: number): string =>
  `${orphans} child ${orphans === 1 ? 'row' : 'rows'} of rejected rows ${orphans === 1 ? 'was' : 'were'} left out`;

/** Whether a warning is that of `tellRejected`. */
export const isRejectedWarning = (warning: string): boolean =>
  /^\d+ rows? (was|were) rejected; first: /.test(warning);
