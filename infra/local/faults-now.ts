import type { Faults } from './local-cloud.ts';

/** The faults that are set now, and who is told that one has struck. */
export interface FaultsNow {
  faults(): Faults;
  onStruck(fault: keyof Faults): void;
}
