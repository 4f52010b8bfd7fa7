import { describe, expect, it } from 'vitest';
import type { Contract } from '../../shared/model/contract.ts';
import { withRecordHash } from '../../shared/model/record-hash.ts';
import { column, contractOf, table, varchar } from '../shared/sql/support/contracts.ts';
import type { ModelBatch, Value } from '../shared/sql/support/model.ts';
import { nameOf } from './load-batches.ts';
import { FINISHED, load, prepare, readLedger } from './loading.ts';
import { execute, type Place } from './place.ts';

const id = column('id', varchar(40), { required: true });
const amount = column('amount', 'integer');

const byCursor = (schema: string): Contract => ({
  ...withRecordHash(
    contractOf([
      table(`${schema}.prices`, {
        disposition: 'history',
        key: ['id'],
        sequence: ['changed'],
        columns: [id, column('changed', 'timestamptz', { required: true }), amount],
      }),
    ]),
  ),
  feed: 'prices',
});

const bySnapshots = (schema: string): Contract => ({
  ...withRecordHash(
    contractOf([
      table(`${schema}.stock`, {
        disposition: 'history',
        key: ['id'],
        ignore: ['seen'],
        columns: [id, amount, column('seen', 'integer')],
      }),
    ]),
  ),
  feed: 'stock',
});

const toBatch = (name: string, n: number, rows: readonly Readonly<Record<string, Value>>[]): ModelBatch => ({
  batch: nameOf(n),
  seal: `seal-${n}`,
  observed: `2026-01-0${n}T00:00:00.000Z`,
  tables: { [name]: rows.map((values, at) => ({ values, row: at + 1, parentRow: null })) },
});

const versionsOf = ({ warehouse, schema }: Place, name: string) =>
  execute(
    warehouse,
    `SELECT id, amount, TO_CHAR(_valid_from, 'YYYY-MM-DD'), TO_CHAR(_valid_to, 'YYYY-MM-DD'), _is_current FROM ${schema}.${name} ORDER BY id, _valid_from`,
  );

const day = (n: number): string => `2025-12-0${n}T00:00:00.000Z`;

/** Whole loads of tables that keep every version. */
export const historyLoadsOf = (name: string, place: () => Promise<Place>): void => {
  describe(`a load of history of ${name}`, () => {
    it('gives a late version its place, once however often it is run', async () => {
      const of = await place();
      const contract = byCursor(of.schema);
      const toPrices = (n: number, rows: readonly Readonly<Record<string, Value>>[]) =>
        toBatch(`${of.schema}.prices`, n, rows);
      const first = toPrices(1, [
        { id: 'a', changed: day(1), amount: 1 },
        { id: 'a', changed: day(3), amount: 3 },
      ]);
      const late = toPrices(2, [
        { id: 'a', changed: day(2), amount: 2 },
        { id: 'b', changed: day(1), amount: null },
      ]);
      await prepare(of, contract);
      expect(await load(of, contract, 'prices-1', [first])).toMatchObject(FINISHED);
      for (const _ of [1, 2]) {
        expect(await load(of, contract, 'prices-2', [late])).toMatchObject(FINISHED);
        expect(await versionsOf(of, 'prices')).toEqual([
          ['a', 1, '2025-12-01', '2025-12-02', false],
          ['a', 2, '2025-12-02', '2025-12-03', false],
          ['a', 3, '2025-12-03', null, true],
          ['b', null, '2025-12-01', null, true],
        ]);
        expect(await readLedger(of, 'prices')).toEqual([
          [nameOf(1), 'prices', 2, 0, 0, 2, 0, 0],
          [nameOf(2), 'prices', 2, 0, 0, 2, 0, 0],
        ]);
      }
    });

    it('makes versions of what has changed between snapshots, several of them in one load', async () => {
      const of = await place();
      const contract = bySnapshots(of.schema);
      const toStock = (n: number, a: number, b: number) =>
        toBatch(`${of.schema}.stock`, n, [
          { id: 'a', amount: a, seen: n },
          { id: 'b', amount: b, seen: n },
        ]);
      await prepare(of, contract);
      expect(await load(of, contract, 'stock-1', [toStock(1, 1, 1)])).toMatchObject(FINISHED);
      const later = [toStock(2, 2, 1), toStock(3, 3, 1)];
      for (const _ of [1, 2]) {
        expect(await load(of, contract, 'stock-2', later)).toMatchObject(FINISHED);
        expect(await versionsOf(of, 'stock')).toEqual([
          ['a', 1, '2026-01-01', '2026-01-02', false],
          ['a', 2, '2026-01-02', '2026-01-03', false],
          ['a', 3, '2026-01-03', null, true],
          ['b', 1, '2026-01-01', null, true],
        ]);
      }
    });
  });
};
