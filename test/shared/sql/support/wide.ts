import type { Contract } from '../../../../shared/model/contract.ts';
import { withRecordHash } from '../../../../shared/model/record-hash.ts';
import { column, contractOf, table, varchar } from './contracts.ts';
import type { ModelBatch, ModelRow } from './model.ts';

/** Feeds of many tables, whose loads do not fit into single statements, and batches for them. */

const TABLES = 12;

/** PL/pgSQL has a variable of the name of a column. */
const values = [column('found', 'integer'), column('note', varchar(100))];

const root = (n: number) =>
  table(`s.t${n}`, {
    disposition: 'merge',
    key: ['id'],
    sequence: ['version'],
    columns: [column('id', 'bigint', { required: true }), column('version', 'integer'), ...values],
  });

const child = (n: number) =>
  table(`s.t${n}`, {
    disposition: 'merge',
    parent: { table: 's.t1', columns: [{ child: 'root_id', parent: 'id' }] },
    key: ['root_id', 'position'],
    columns: [
      column('root_id', 'bigint', { source: { kind: 'parent', column: 'id' }, required: true }),
      column('position', 'integer', { source: { kind: 'ordinal' }, required: true }),
      ...values,
    ],
  });

const numbers = Array.from({ length: TABLES }, (_, n) => n + 1);

export const wideContracts: Readonly<Record<string, Contract>> = {
  'of one family': withRecordHash(contractOf(numbers.map((n) => (n === 1 ? root(n) : child(n))))),
  'of a family each': withRecordHash(contractOf(numbers.map(root))),
};

const ids = (n: number): readonly number[] => [n, n + 1, n + 2];

const rowsOf = (isChild: boolean, n: number): readonly ModelRow[] =>
  ids(n).flatMap((id, at): readonly ModelRow[] => {
    const shared = { found: n * 10 + at, note: `it's ${n}, $$ as well` };
    return isChild
      ? [1, 2].map((position) => ({
          values: { root_id: id, position, ...shared },
          row: at * 2 + position,
          parentRow: at + 1,
        }))
      : [{ values: { id, version: n, ...shared }, row: at + 1, parentRow: null }];
  });

/** Three batches, each of which has two keys of the one before it. */
export const wideBatches = (contract: Contract): readonly ModelBatch[] =>
  [1, 2, 3].map((n) => ({
    batch: `w-2026010${n}T000000000Z`,
    seal: `seal-${n}`,
    observed: `2026-01-0${n}T00:00:00.000Z`,
    tables: Object.fromEntries(
      contract.tables.map(({ table, parent }) => [table, rowsOf(parent !== undefined, n)]),
    ),
  }));
