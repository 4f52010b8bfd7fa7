import type { Clock } from '../ports/clock.ts';
import type { ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';

/** What facts of feeds are read by. */
export interface FactsDeps {
  readonly records: RecordStore;
  readonly inventory: Pick<ObjectInventory, 'list' | 'listVersions'>;
  readonly clock: Pick<Clock, 'now'>;
}
