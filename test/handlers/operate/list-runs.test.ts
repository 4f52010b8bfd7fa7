import { expect, it } from 'vitest';
import { listRuns, type Run } from '../../../handlers/operate/list-runs.ts';
import { tellSuperseded } from '../../../handlers/operate/superseded.ts';
import { toKey } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { itemsFeed } from '../extract/world.ts';
import { sealed } from '../load/support/world.ts';
import { planOf } from '../sweep/support/sweeping.ts';

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
    (await tellSuperseded(runs, itemsFeed(), { records, inventory })).map(({ state }) => state);
  await records.putIfAbsent(toKey({ kind: 'parked', feed: 'items', batch: OLD }), '{}');
  expect(await states()).toEqual(['loaded', 'parked', 'parked']);
  await records.putIfAbsent(toKey({ kind: 'batch', feed: 'items', date: '2026/01/16', batch: NEW }), '{}');
  expect(await states()).toEqual(['loaded', 'superseded', 'parked']);
});

it('tells what was sealed since under an older day, with the time that its record has', async () => {
  const clock = manualClock(Date.parse('2026-01-13T06:00:00Z'));
  const { records, inventory } = timedRecords(clock);
  const put = (key: Parameters<typeof toKey>[0], record: object) =>
    records.putIfAbsent(toKey(key), toRecordText(record));
  const seal = async (batch: string, date: string, more: object) => {
    const plan = { ...planOf(batch)[1], feed: 'items', batch, date, slices: [] };
    await put({ kind: 'plan', feed: 'items', batch, definition: 'ab' }, plan);
    const key = toKey({ kind: 'batch', feed: 'items', date, batch });
    await put({ kind: 'batch', feed: 'items', date, batch }, { ...sealed(1), feed: 'items', batch, ...more });
    await put({ kind: 'pending', feed: 'items', batch }, { invocation: 'i', key });
  };
  // The newest day has nothing new, so that no older one is looked through.
  await put(
    { kind: 'batch', feed: 'items', date: '2026/01/13', batch: 'w-20260113T050000000Z' },
    { ...sealed(1), feed: 'items', batch: 'w-20260113T050000000Z' },
  );
  clock.advance(3 * 86_400_000);
  const batch = 'b-0123456789ab-20250101T000000000Z-20250102T000000000Z';
  const [observed, sealedAt] = ['2026-01-16T05:59:59.500Z', '2026-01-16T05:59:59.900Z'];
  await seal(batch, '2025/01/01', { observed, sealedAt });
  const runs = await listRuns('items', clock.now() - 3_600_000, { records, inventory, clock });
  expect(runs).toMatchObject([{ batch, state: 'pending', observed, sealedAt, records: 1 }]);
});
