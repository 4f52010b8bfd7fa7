import { WarehouseRefused, WarehouseUnready } from '../../shared/errors.ts';
import { fateOf } from '../../shared/fates.ts';

/**
 * Whether a state's error, by its name, says nothing of the load: it may pass by itself, however long that takes. A right that is
 * missing is nothing of the batches either: they wait until somebody gives it, and a person is told once that has lasted.
 */
export const isPassing = (name: string): boolean => {
  const fate = fateOf(name);
  return fate === 'retry' || fate === 'wait';
};

/** Whether the warehouse refused a statement, for whatever reason. */
export const isRefusal = (error: unknown): error is WarehouseRefused | WarehouseUnready =>
  error instanceof WarehouseRefused || error instanceof WarehouseUnready;
