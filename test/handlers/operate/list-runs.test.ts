import { expect, it } from 'vitest';
import { type Run, tellSuperseded } from '../../../handlers/operate/list-runs.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { itemsFeed } from '../extract/world.ts';

const OLD = 'k-20260115T060000000Z';
const NEW = 'k-20260116T060000000Z';

const run = (batch: string, state: Run['state']): Run => ({
  ...{ batch, state, covers: 'all', observed: '2026-01-15T06:00:00.000Z', sealedAt: undefined },
  ...{ loadedAt: undefined, records: 0, rows: 0, rejects: 0, warnings: [] },
});

it('tells a parked comparison as superseded once a later one is loaded, and no other batch', async () => {
  const clock = { now: () => Date.parse('2026-01-17T06:00:00Z'), sleep: async () => undefined };
  const { records, inventory } = timedRecords(clock);
  const runs = [run(NEW, 'loaded'), run(OLD, 'parked'), run('w-20260115T070000000Z', 'parked')];
  const states = async () =>
    (await tellSuperseded(runs, itemsFeed(), { records, inventory, clock })).map(({ state }) => state);
  await records.putIfAbsent(toKey({ kind: 'parked', feed: 'items', batch: OLD }), '{}');
  expect(await states()).toEqual(['loaded', 'parked', 'parked']);
  await records.putIfAbsent(toKey({ kind: 'batch', feed: 'items', date: '2026/01/16', batch: NEW }), '{}');
  expect(await states()).toEqual(['loaded', 'superseded', 'parked']);
});
