import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Warehouse } from '../../handlers/ports/warehouse.ts';
import { WarehouseRefused, WarehouseUnready } from '../../shared/errors.ts';

/** What the contract's statements are, for a fake that does not read SQL. */
export const ROWS_SQL = "SELECT 1 AS a, 'x' AS b, CAST(NULL AS integer) AS c";
export const ROWS = [[1, 'x', null]] as const;
export const REFUSED_SQL = "SELECT CAST('nowhere' AS integer)";
/** Of a table that somebody has to make first. */
export const UNREADY_SQL = 'SELECT nothing FROM nowhere';

export interface OpenedWarehouse {
  readonly warehouse: Warehouse;
  /** Has a submitted statement end, or waits until it has: failed where one of its statements is refused. */
  end(id: string): Promise<void>;
}

/** The words of the Warehouse port, as tests. */
export const warehouseContract = (name: string, open: () => Promise<OpenedWarehouse>) => {
  const batch = (statements: readonly string[] = [ROWS_SQL], token: string = randomUUID()) => ({
    statements,
    name: 'contract',
    token,
  });
  const { signal } = new AbortController();

  describe(`Warehouse, ${name}`, () => {
    it('runs what is submitted, and tells that it has finished', async () => {
      const { warehouse, end } = await open();
      const id = await warehouse.submit(batch());
      await end(id);
      expect(await warehouse.describe(id)).toMatchObject({ status: 'finished', error: '' });
    });

    it('tells that a submission failed, and why', async () => {
      const { warehouse, end } = await open();
      const id = await warehouse.submit(batch([ROWS_SQL, REFUSED_SQL]));
      await end(id);
      const state = await warehouse.describe(id);
      expect(state?.status).toBe('failed');
      expect(state?.error).toMatch(/nowhere/);
    });

    it('answers the id of the first of several submissions with one token, also after it has ended', async () => {
      const { warehouse, end } = await open();
      const once = batch();
      const id = await warehouse.submit(once);
      expect(await warehouse.submit(once)).toBe(id);
      await end(id);
      expect(await warehouse.submit(once)).toBe(id);
      expect(await warehouse.submit(batch())).not.toBe(id);
    });

    it('knows no statement that nobody submitted', async () => {
      const { warehouse } = await open();
      expect(await warehouse.describe(randomUUID())).toBeUndefined();
    });

    it('leaves a statement alone that has ended when it is cancelled', async () => {
      const { warehouse, end } = await open();
      const id = await warehouse.submit(batch());
      await end(id);
      await warehouse.cancel(id);
      expect(await warehouse.describe(id)).toMatchObject({ status: 'finished', error: '' });
    });

    it('answers the rows of a statement that it runs by itself', async () => {
      const { warehouse } = await open();
      expect(await warehouse.execute(ROWS_SQL, signal)).toEqual(ROWS);
    });

    it.each([
      ['that cannot be run', REFUSED_SQL, WarehouseRefused],
      ['whose table is not there yet', UNREADY_SQL, WarehouseUnready],
    ])("refuses a statement %s, with the warehouse's message", async (_, sql, error) => {
      const { warehouse } = await open();
      await expect(warehouse.execute(sql, signal)).rejects.toThrow(error);
      await expect(warehouse.execute(sql, signal)).rejects.toThrow(/nowhere/);
    });

    it("ends with the signal's reason", async () => {
      const { warehouse } = await open();
      const reason = new Error('no more time');
      await expect(warehouse.execute(ROWS_SQL, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
};
