import type { Writable } from 'node:stream';
import type { Contract } from '../../shared/model/contract.ts';
import { listUnmatched, tellUnmatched } from '../../shared/unmatched.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';
import { toCount, toPlural } from './terminal.ts';

/** What `convert` says at its end: what was read, which paths matched nothing, and what no path reads. */

/** Paths that are told of; the others are counted. */
const MOST_TOLD = 50;

export const rowsByTable = ({ tables }: Contract, { rows }: DocumentSummary): Record<string, number> =>
  Object.fromEntries(tables.map(({ table }, index) => [table, rows[index] ?? 0]));

/** Answers whether each table that stands by itself had rows to read; a table within another may well have none. */
export const reportConversion = (
  contract: Contract,
  summary: DocumentSummary,
  stderr: Pick<Writable, 'write'>,
): boolean => {
  const rows = rowsByTable(contract, summary);
  const counts = Object.entries(rows).map(([table, n]) => `${table} ${toPlural(n, 'row')}`);
  const rejected = summary.rejects === 0 ? '' : `, ${toPlural(summary.rejects, 'row')} rejected`;
  const lines = [
    `${toPlural(summary.records, 'record')}: ${counts.join(', ')}${rejected}`,
    ...summary.warnings.map((warning) => `warning: ${warning}`),
    ...tellUnmatchedPaths(contract, summary, rows),
    ...tellUnmapped(summary),
  ];
  for (const line of lines) stderr.write(`${line}\n`);
  return contract.tables.every(
    ({ table, parent }) => parent !== undefined || summary.matched.includes(table),
  );
};

const tellUnmatchedPaths = (
  contract: Contract,
  { matched, held }: DocumentSummary,
  rows: Readonly<Record<string, number>>,
): readonly string[] => {
  const unmatched = listUnmatched(contract, { matched: new Set(matched), rows });
  const more = unmatched.length - MOST_TOLD;
  return [
    ...unmatched.slice(0, MOST_TOLD).map((one) => tellUnmatched(one, 'the document', held.nearest(one.key))),
    ...(more > 0 ? [`${toPlural(more, 'more path')} matched nothing`] : []),
  ];
};

const tellUnmapped = ({ held }: DocumentSummary): readonly string[] => {
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
