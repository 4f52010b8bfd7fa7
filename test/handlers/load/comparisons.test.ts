import { describe, expect, it } from 'vitest';
import type { BatchRecord } from '../../../shared/state/records.ts';
import { column, contractOf, table, workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed, toWorld } from './support/world.ts';

const KEYS = 'ewm.work_items$keys';
const name = (n: number): string => `k-202611230${n}0000000Z`;

/** A sealed comparison of one key. */
const comparison = (n: number): BatchRecord => ({
  ...sealed(n),
  batch: name(n),
  contract: {
    ...contractOf(
      [table(KEYS, { disposition: 'merge', key: ['item_id'], columns: [column('item_id', 'bigint')] })],
      'fefefefefefefefe',
    ),
    compares: { mode: 'delete', atMost: { count: 10, percent: 1 }, tables: workItems.tables },
  },
  tables: {
    [KEYS]: {
      rows: 1,
      parts: [{ key: `staged/${FEED}/${name(n)}/a/${KEYS}/00000-00000.csv.zst`, bytes: 100, rows: 1 }],
    },
  },
});

describe('a comparison', () => {
  it('is loaded by itself, among the batches in the order in which they were observed', async () => {
    const world = toWorld();
    for (const batch of [sealed(1), sealed(2), comparison(3), comparison(4), sealed(5)])
      await world.put(batch);
    const loads = [];
    for (let n = 0; n < 3; n += 1) loads.push(await world.loadOnce());
    // Batches of the feed's own contract are taken together: a later one changes nothing of what was observed before a comparison.
    expect(loads.map((batches) => [...batches])).toEqual([
      [batchName(1), batchName(2), batchName(5)],
      [name(3)],
      [name(4)],
    ]);
  });

  it('of too many rows is parked by name, with both numbers and what to do', async () => {
    const world = toWorld();
    await world.put(comparison(3));
    const thread = await world.planned();
    const { statementId } = await world.submit(thread);
    const told = `batch ${name(3)} would delete 57 of 900 rows of ewm.work_items, allowed 10 or 1%`;
    world.warehouse.end(statementId, 'failed', `ERROR: invalid input syntax for type bigint: "${told}"`);
    const error = {
      Error: 'TooManyDeleted',
      Cause: `${told}: nothing was deleted; see whether the listing has all keys that the source has, and where so many are gone in truth, raise compareKeys.atMost in the feed file: the next comparison deletes them`,
    };
    expect(await world.describeLast()).toEqual({
      outcome: 'failed',
      thread,
      culprits: [name(3)],
      isDataError: true,
      error,
    });
    expect(await world.park(thread, [name(3)], true, error)).toMatchObject({
      outcome: 'parked',
      parked: [name(3)],
    });
    expect(await world.pending()).toEqual([]);
  });
});
