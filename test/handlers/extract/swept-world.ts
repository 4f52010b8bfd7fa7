import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import type { SweepDeps } from '../../../handlers/sweep/sweep-deps.ts';
import { memoryEvents } from '../../fakes/memory-events.ts';
import { type MemoryObject, memoryInventory } from '../../fakes/memory-inventory.ts';
import { scriptedWarehouse } from '../../fakes/scripted-warehouse.ts';
import type { worldOf } from './world.ts';

/** What a sweep of a world takes, when everything in its bucket is so old, and the objects that it leaves. */
export const toSwept = (
  world: Pick<ReturnType<typeof worldOf<Source & SourceClock>>, 'records' | 'streams' | 'clock'>,
  ageMs: number,
): { readonly deps: SweepDeps; readonly objects: Map<string, MemoryObject> } => {
  const age = { lastModifiedMs: world.clock.now() - ageMs, versionId: 'v' };
  const keys = [...world.records.entries.keys(), ...world.streams.objects.keys()];
  const objects = new Map(keys.map((key) => [key, age]));
  const deps = {
    records: world.records,
    inventory: memoryInventory(objects),
    warehouse: scriptedWarehouse(() => []),
    events: memoryEvents(),
    clock: world.clock,
    bucket: 'bucket',
    target: { workgroupName: 'millrace', database: 'millrace' },
    statementPrefix: 'millrace/',
    invocation: 'sweep',
    signal: new AbortController().signal,
  };
  return { deps, objects };
};
