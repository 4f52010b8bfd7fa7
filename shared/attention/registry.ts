import type { Need } from './need.ts';
import { failing } from './needs/failing.ts';
import { lost } from './needs/lost.ts';
import { notLoading } from './needs/not-loading.ts';
import { overdue } from './needs/overdue.ts';
import { parked } from './needs/parked.ts';
import { rejecting } from './needs/rejecting.ts';
import { stale } from './needs/stale.ts';

/** All that a person is told of a feed; causes stand before their consequences. */
export const NEEDS: readonly Need[] = [parked, failing, notLoading, lost, rejecting, overdue, stale];

/** By its word. */
export const needOf = (word: string): Need | undefined => NEEDS.find((need) => need.word === word);
