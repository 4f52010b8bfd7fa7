import type { WarehouseTarget } from '../../shared/state/warehouse-target.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';

/** What the sweep works with. */
export interface SweepDeps {
  readonly records: RecordStore;
  readonly inventory: ObjectInventory;
  readonly warehouse: Warehouse;
  readonly events: Events;
  readonly clock: Clock;
  readonly bucket: string;
  /** Where statements go, for those who operate the deployment. */
  readonly target: WarehouseTarget;
  /** What the names of this deployment's statements begin with. */
  readonly statementPrefix: string;
  /** This invocation, named in records. */
  readonly invocation: string;
  readonly signal: AbortSignal;
}
