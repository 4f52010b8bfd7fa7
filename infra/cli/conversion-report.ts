import type { Writable } from 'node:stream';
import type { Contract } from '../../shared/model/contract.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { tellOrphans } from '../../shared/rejects-limit.ts';
import { listUnmatched, tellUnmatched, type Unmatched } from '../../shared/unmatched.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';
import type { Held } from '../../shared/xml/held.ts';
import { toCount, toPlural } from './terminal.ts';

/** What `convert` and `preview` say at their end: what was read, which paths matched nothing, and what no path reads. */

/** What is told of one document, or of several together. */
export type Conversion = Pick<
  DocumentSummary,
  'records' | 'rows' | 'rejects' | 'rejectedBy' | 'orphans' | 'outside' | 'warnings' | 'matched'
> & { readonly held: Pick<Held, 'nearest' | 'respelt' | 'unmapped' | 'elsewhere'> };

/** Paths that are told of; the others are counted. */
const MOST_TOLD = 50;

export const rowsByTable = (
  { tables }: Contract,
  { rows }: Pick<Conversion, 'rows'>,
): Record<string, number> => Object.fromEntries(tables.map(({ table }, index) => [table, rows[index] ?? 0]));

/** Where not the whole document was read. */
export interface Part {
  /** The option of so many records that reads further; undefined where all was read that there is. */
  readonly toReadOn?: string | undefined;
}

/** Answers false where no table found rows, and the document has something near to them: then a path is misspelt. */
export const reportConversion = (
  contract: Contract,
  summary: Conversion,
  output: Pick<Writable, 'write'>,
  part?: Part,
): boolean => {
  const rows = rowsByTable(contract, summary);
  const counts = Object.entries(rows).map(([table, n]) => `${table} ${toPlural(n, 'row')}`);
  const rejected = summary.rejects === 0 ? '' : `, ${toPlural(summary.rejects, 'row')} rejected`;
  const outside = summary.outside === 0 ? '' : `, ${toPlural(summary.outside, 'record')} outside the window`;
  const lines = [
    `${toPlural(summary.records, 'record')}: ${counts.join(', ')}${rejected}${outside}`,
    ...toWarnings(summary).map((warning) => `warning: ${warning}`),
    ...tellUnmatchedPaths(contract, summary, rows, part),
    ...tellUnmapped(summary),
  ];
  for (const line of lines) output.write(`${line}\n`);
  const { matched, held } = summary;
  const isFound = contract.tables.some(({ table }) => matched.includes(table));
  return isFound || contract.tables.every(({ table }) => held.nearest(table) === undefined);
};

const toWarnings = ({ orphans, warnings }: Conversion): readonly string[] => [
  ...(orphans === 0 ? [] : [tellOrphans(orphans)]),
  ...warnings,
];

const tellUnmatchedPaths = (
  contract: Contract,
  { records, matched, held, rejectedBy }: Conversion,
  rows: Readonly<Record<string, number>>,
  part: Part | undefined,
): readonly string[] => {
  const all = listUnmatched(contract, {
    matched: new Set(matched),
    rows,
    rejectedBy: new Set(rejectedBy),
    respelt: (table) => held.respelt(table.rows),
  });
  const where = part === undefined ? 'the document' : 'what was read';
  const { toReadOn } = part ?? {};
  const mayFollow =
    toReadOn === undefined ? [] : all.filter((one) => !isMisspelt(one, held.nearest(one.key)));
  const unmatched = all.filter((one) => !mayFollow.includes(one));
  const more = unmatched.length - MOST_TOLD;
  return [
    ...unmatched.slice(0, MOST_TOLD).map((one) => tellUnmatched(one, where, held.nearest(one.key))),
    ...(more > 0 ? [`${toPlural(more, 'more path')} matched nothing`] : []),
    ...(toReadOn === undefined || mayFollow.length === 0
      ? []
      : [tellMayFollow(mayFollow, records, toReadOn)]),
  ];
};

/** Whether the nearest that there is differs by its spelling; whatever else is missing from a few records may be in later ones. */
const isMisspelt = ({ path }: Unmatched, found: string | undefined): boolean =>
  found !== undefined && nearest(lastName(path), [lastName(found)]) !== undefined;

const lastName = (path: string): string => path.replace(/ *\|.*| *\[[^\]]*\]$/s, '').replace(/^.*[/@:]/, '');

const MOST_MAY_FOLLOW = 10;

const tellMayFollow = (unmatched: readonly Unmatched[], records: number, toReadOn: string): string => {
  const more = unmatched.length - MOST_MAY_FOLLOW;
  const names = unmatched.slice(0, MOST_MAY_FOLLOW).map(({ path }) => path);
  const list = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `not in the ${toPlural(records, 'record')} that ${records === 1 ? 'was' : 'were'} read, and perhaps in later ones (${toReadOn} reads on): ${list}`;
};

const tellUnmapped = ({ held }: Conversion): readonly string[] => {
  const unmapped = held.unmapped();
  if (unmapped.length === 0 && held.elsewhere === 0) return [];
  const more = unmapped.length - MOST_TOLD;
  return [
    'in the records, read by no column:',
    ...unmapped.slice(0, MOST_TOLD).map(({ path, count }) => `  ${path}  ${toCount(count)}`),
    ...(more > 0 ? [`  and ${toPlural(more, 'more path')}`] : []),
    ...(held.elsewhere > 0 ? [`  and ${toPlural(held.elsewhere, 'element')} at further paths`] : []),
  ];
};
