import type { Contract } from '../../shared/model/contract.ts';
import { withRecordHash } from '../../shared/model/record-hash.ts';
import { contractOf, workItems } from '../shared/sql/support/contracts.ts';

/** What loads are measured with: work items with a comment each, merged; and every version of work items alone. */

const [root] = workItems.tables;
if (root === undefined) throw new Error('a table expected');

export const LOAD_SHAPES: Readonly<Record<string, Contract>> = {
  merge: withRecordHash(workItems),
  history: withRecordHash(contractOf([{ ...root, disposition: 'history' }])),
};

export const isHistory = ({ tables }: Contract): boolean => tables[0]?.disposition === 'history';

/** Rows of a table, numbered `i`; those from `changedFrom` on are in another state than they were, which of `history` is another version. */
export const series = (
  contract: Contract,
  table: string,
  [from, to, changedFrom]: readonly [number, number, number],
  batch: string,
): string => {
  const state = `CASE WHEN i >= ${changedFrom} THEN 2 ELSE 1 END`;
  const place = `'${batch}', i - ${from} + 1`;
  const rows = `FROM generate_series(${from}::bigint, ${to}::bigint) i`;
  if (table === 'ewm.comments')
    return `SELECT i, 1, 'comment ' || i || repeat('x', 200), ${place}, i - ${from} + 1 ${rows}`;
  const modified = `TIMESTAMPTZ '2026-01-01 00:00:00+00' + ${isHistory(contract) ? state : '1'} * INTERVAL '1 hour'`;
  return `SELECT i, 'summary ' || i || repeat('y', 100), ${modified}, md5(i || '/' || ${state})::varchar(22), ${place} ${rows}`;
};
