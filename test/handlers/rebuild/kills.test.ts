import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import type { ObjectsServer } from '../../infra/local/redshift/objects-server.ts';
import { withWarehouse } from '../../infra/local/redshift/with-warehouse.ts';
import { rounds } from '../../rounds.ts';
import { byPart, day, itemsFeed, newest, openKeys, rebuildingIn, until } from './support/items.ts';

/** A rebuild that is killed at any call, and typed again. */

let opened: { readonly s3: ObjectsServer; readonly warehouse: Warehouse };
withWarehouse((of) => {
  opened = of;
});
const open = rebuildingIn(() => opened);

describe('a rebuild that dies at any call', () => {
  it('shows the rows of before or those of after, and once it is typed again has them all', async () => {
    const run = async (kills: readonly number[]): Promise<void> => {
      const { schema, deployment, rows, count } = open();
      const after = [6, 8].map((end) => newest(until(day(end)), byPart));
      deployment.deploy(itemsFeed(schema, '[id]'));
      await deployment.live(deployment.schedule(day(6)));
      const before = await rows();
      deployment.deploy(itemsFeed(schema, '[id, part]'));
      for (const kill of kills) {
        await deployment.live(deployment.rebuild(`${schema}.items`), kill);
        expect([before, ...after]).toContainEqual(await rows());
        await deployment.live(deployment.schedule(day(8)));
        await deployment.live(deployment.sweep, kill);
      }
      await deployment.live(deployment.sweep);
      if (![...deployment.entries.keys()].some((key) => key.startsWith('rebuilt/')))
        await deployment.live(deployment.rebuild(`${schema}.items`));
      await deployment.live(deployment.sweep);
      await deployment.live(deployment.schedule(day(8)));
      expect(await rows()).toEqual(after[1]);
      expect(await count(`${schema}.lines`)).toBe(2 * (await count(`${schema}.items`)));
      // A failure that passes by itself, as of a lease that is held, may stand.
      expect(openKeys(deployment.entries).filter((key) => !key.startsWith('failures/'))).toEqual([]);
      const twice = `SELECT batch, target FROM millrace.ledger WHERE feed = '${schema}' GROUP BY batch, target HAVING COUNT(*) > 1`;
      expect(await deployment.query(twice)).toEqual([]);
    };
    const kills = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 2 });
    await fc.assert(fc.asyncProperty(kills, run), { numRuns: rounds(8) });
  }, 300_000);
});
