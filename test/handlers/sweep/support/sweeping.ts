import { sweep } from '../../../../handlers/sweep/sweep.ts';
import type { SweepDeps } from '../../../../handlers/sweep/sweep-deps.ts';
import type { Feed, FeedsFile } from '../../../../shared/model/feed.ts';
import { toKey } from '../../../../shared/state/keys.ts';
import type { PlanRecord } from '../../../../shared/state/records.ts';
import type { SweepOutput } from '../../../../shared/state/sweep-messages.ts';
import { TURNS } from '../../../../shared/state/sweep-turn.ts';
import { memoryEvents } from '../../../fakes/memory-events.ts';
import { type MemoryObject, memoryInventory } from '../../../fakes/memory-inventory.ts';
import { workItems } from '../../../shared/sql/support/contracts.ts';
import { FEED, toWorld } from '../../load/support/world.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const NOTHING: SweepOutput = {
  continued: 0,
  loadsStarted: 0,
  settled: 0,
  cancelled: 0,
  orphansRemoved: 0,
};

/** A feed of landed objects. */
export const definition: Feed = {
  feed: FEED,
  source: { kind: 's3', suffixes: ['.xml'] },
  partitions: [{ name: '', values: {} }],
  rejects: { count: 10, percent: 1 },
  onEmpty: 'accept',
  contract: workItems,
};

/** What its schedule gives to the sweep that is so many after the first. */
export const scheduledTime = (sweepNumber: number): string =>
  new Date(Date.parse('2026-11-23T12:00:00Z') + sweepNumber * 15 * 60_000).toISOString();

/** The load world, a bucket of objects, and the sweep on them. */
export const toSweeping = (feeds: FeedsFile = { [FEED]: definition }) => {
  const world = toWorld(undefined, undefined, feeds);
  const events = memoryEvents();
  const objects = new Map<string, MemoryObject>();
  const deps = (): SweepDeps => ({ ...world.deps(), events, inventory: memoryInventory(objects) });
  const run = (sweepNumber = 0, more: Partial<SweepDeps> = {}) =>
    sweep({ scheduledTime: scheduledTime(sweepNumber) }, feeds, { ...deps(), ...more });
  const land = (key: string, ageMs: number, versionId = 'v1') =>
    objects.set(key, { lastModifiedMs: world.clock.now() - ageMs, versionId });
  return { world, events, objects, deps, run, land };
};

/** All turns of the sweep at one time of the world's clock: what a day of them removes. */
export const removedInADay = async ({ run }: Pick<ReturnType<typeof toSweeping>, 'run'>): Promise<number> => {
  let removed = 0;
  for (let sweepNumber = 0; sweepNumber < TURNS; sweepNumber += 1) {
    removed += (await run(sweepNumber)).orphansRemoved;
  }
  return removed;
};

/** The key of the plan of a batch, and its record. */
export const planOf = (batch: string): readonly [key: string, plan: PlanRecord] => [
  toKey({ kind: 'plan', feed: FEED, batch, definition: workItems.hash }),
  {
    feed: FEED,
    batch,
    invocation: 'a',
    date: '2026/11/23',
    observed: '2026-11-23T01:00:00.000Z',
    definition,
    slices: [],
  },
];

export const stagedKey = (batch: string, invocation: string): string =>
  `staged/${FEED}/${batch}/${invocation}/ewm.work_items/00000-00000.csv.zst`;
