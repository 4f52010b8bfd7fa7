import type { FaultsNow } from '../faults-now.ts';
import type { Chance } from './chance.ts';
import type { Delivery } from './journal.ts';

/**
 * The deliveries of one input to one machine: one, or more where faults ask for what EventBridge (at least once) and
 * Express (at least once, under one name) may do.
 */
export const toDeliveries = (
  target: { readonly machine: string; readonly trigger: string; readonly input: string },
  { faults, onStruck }: FaultsNow,
  chance: Chance,
): readonly Delivery[] => {
  const { duplicateDeliveries = false, runTwice = false } = faults();
  if (duplicateDeliveries) onStruck('duplicateDeliveries');
  const names = duplicateDeliveries ? [chance.uuid(), chance.uuid()] : [chance.uuid()];
  return names.flatMap((name) => {
    if (runTwice) onStruck('runTwice');
    const ids = runTwice ? [name, `${name}~2`] : [name];
    return ids.map((id) => ({ ...target, id, name }));
  });
};
