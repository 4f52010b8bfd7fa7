import type { SettledRecord } from '../../shared/state/records.ts';
import type { Load } from './load-records.ts';

/**
 * Batches among which the fault of a failed load lies: those of it, or, of those that it was taken apart from, the ones that
 * this load's success leaves. Each load takes half of them, so that the one at fault is found in as many loads as halves.
 */
export const suspectsOf = (newest: Load | undefined): ReadonlySet<string> => {
  if (newest?.settled === undefined) return new Set();
  const { record, settled } = newest;
  const loaded = record.batches.map(({ batch }) => batch);
  const names: Readonly<Record<SettledRecord['outcome'], readonly string[]>> = {
    isolate: loaded,
    loaded: (record.suspects ?? []).filter((batch) => !loaded.includes(batch)),
    parked: [],
  };
  return new Set(names[settled.outcome]);
};
