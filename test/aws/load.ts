import { describe, expect, it } from 'vitest';
import { targetTables } from '../../shared/model/contract.ts';
import { classifyError } from '../../shared/sql/classify-error.ts';
import { tombstonesName } from '../../shared/sql/names.ts';
import { batchesIn, contractIn, FULL, NEW, nameOf, toBatch } from './load-batches.ts';
import { FINISHED, load, lookAgain, prepare, readLedger } from './loading.ts';
import { execute, type Place } from './place.ts';

const rowsOf = async (place: Place) => ({
  items: await execute(
    place.warehouse,
    `SELECT id, TO_CHAR(modified, 'YYYY-MM-DD HH24:MI:SS'), CAST(price AS VARCHAR(20)), is_open, TO_CHAR(due, 'YYYY-MM-DD'), JSON_SERIALIZE(more), _batch, _row FROM ${place.schema}.items ORDER BY id`,
  ),
  lines: await execute(
    place.warehouse,
    `SELECT item_id, "position", content FROM ${place.schema}.lines ORDER BY item_id, "position"`,
  ),
  ledger: await readLedger(place, 'work_items'),
});

const AFTER = {
  items: [
    ['a', '2025-12-02 10:00:00', '-2.00', false, '2026-02-28', '{"a":[1,"b"]}', nameOf(2), 1],
    ['b', '2025-12-01 10:00:00', null, null, null, null, nameOf(2), 2],
    ['d', '2025-12-02 10:00:00', '1.50', true, '2026-02-28', '{"a":[1,"b"]}', nameOf(2), 3],
  ],
  lines: [
    ['a', 1, 'changed'],
    ['a', 2, ''],
    ['b', 1, null],
  ],
  ledger: [
    [nameOf(1), 'items', 3, 0, 0, 3, 0, 0],
    [nameOf(1), 'items$deleted', 0, 0, 0, 0, 0, 0],
    [nameOf(1), 'lines', 4, 0, 0, 4, 0, 0],
    [nameOf(2), 'items', 3, 1, 0, 1, 1, 1],
    [nameOf(2), 'items$deleted', 1, 0, 0, 1, 0, 0],
    [nameOf(2), 'lines', 3, 1, 0, 0, 2, 1],
  ],
};

/** Whole loads of records with lines below them and tombstones, from files in a bucket to rows and ledger. */
export const loadsOf = (name: string, place: () => Promise<Place>): void => {
  describe(`a load of ${name}`, () => {
    it('is prepared, after which the warehouse has what the contract says, and nothing is to be changed', async () => {
      const of = await place();
      const contract = contractIn(of.schema);
      await prepare(of, contract);
      const { tables, refusals } = await lookAgain(of, contract);
      expect(refusals).toEqual([]);
      expect(tables.map(({ isNew, changes }) => [isNew, changes])).toEqual(
        targetTables(contract).map(() => [false, []]),
      );
    });

    it('merges rows, children and tombstones, once however often it is run', async () => {
      const of = await place();
      const [contract, [first, second]] = [contractIn(of.schema), batchesIn(of.schema)];
      expect(await load(of, contract, 'load-1', [first])).toMatchObject(FINISHED);
      expect(await load(of, contract, 'load-2', [first, second])).toMatchObject(FINISHED);
      expect(await rowsOf(of)).toEqual(AFTER);
      expect(await load(of, contract, 'load-2', [first, second])).toMatchObject(FINISHED);
      expect(await rowsOf(of)).toEqual(AFTER);
    });

    it('does the same in procedures, as loads of many tables are', async () => {
      const of = await place();
      const [contract, [first, second]] = [contractIn(of.schema), batchesIn(of.schema)];
      const kept = tombstonesName(`${of.schema}.items`);
      for (const table of [`${of.schema}.items`, `${of.schema}.lines`, `${of.ownSchema}.${kept}`])
        await execute(of.warehouse, `DELETE FROM ${table}`);
      await execute(of.warehouse, `DELETE FROM ${of.ownSchema}.ledger WHERE feed = '${contract.feed}'`);
      const isGathered = true;
      expect(await load(of, contract, 'load-4', [first], { isGathered })).toMatchObject(FINISHED);
      expect(await load(of, contract, 'load-5', [first, second], { isGathered })).toMatchObject(FINISHED);
      expect(await rowsOf(of)).toEqual(AFTER);
    });

    it('fails for a batch that lacks rows, by the name of the batch, and leaves nothing of it', async () => {
      const of = await place();
      const third = toBatch(of.schema, 3, [['e', NEW, FULL, []]]);
      const { status, error } = await load(of, contractIn(of.schema), 'load-3', [third], { missing: 1 });
      expect([status, classifyError(error)], error).toEqual(['failed', { kind: 'data', batch: nameOf(3) }]);
      expect(await rowsOf(of)).toEqual(AFTER);
    });
  });
};
