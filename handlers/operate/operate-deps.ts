import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';

/** What those who look at a deployment read by. */
export interface LookDeps {
  readonly records: RecordStore;
  /** Tells when each record was put. */
  readonly inventory: Pick<ObjectInventory, 'list' | 'listVersions'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What those who change something in it write by. */
export interface ChangeDeps extends LookDeps {
  readonly events: Events;
  /** Names this command in the records that it puts. */
  readonly invocation: string;
}
