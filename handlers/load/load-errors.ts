import { WarehouseRefused, WarehouseUnready } from '../../shared/errors.ts';
import { fateOf } from '../../shared/fates.ts';

/** So long a load may be hindered by what passes, a throttle or a warehouse that is away, before it is given up. */
export const PASSING_MS = 24 * 3_600_000;

/**
 * Whether a state's error, by its name, says nothing of the load: it may pass by itself. A right that is missing is nothing
 * of the batches either: they wait until somebody gives it, and the alarm goes on meanwhile.
 */
export const isPassing = (name: string): boolean => {
  const fate = fateOf(name);
  return fate === 'retry' || fate === 'wait';
};

/** Whether the warehouse refused a statement, for whatever reason. */
export const isRefusal = (error: unknown): error is WarehouseRefused | WarehouseUnready =>
  error instanceof WarehouseRefused || error instanceof WarehouseUnready;
