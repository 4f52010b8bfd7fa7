import { InvalidInput } from '../../shared/errors.ts';
import type { PlanRecord, Slice } from '../../shared/state/records.ts';
import type { Page } from './page-requests.ts';

/** A slice of a plan by its number. */
export const findSlice = (plan: PlanRecord, number: number): Slice => {
  const item = plan.slices.find(({ slice }) => slice === number);
  if (item !== undefined) return item;
  throw new InvalidInput(
    `slice ${number} is not in the plan of ${plan.batch}, which has ${plan.slices.length}`,
  );
};

/** Where a slice stands among its partitions. */
export interface AtPartition {
  /** The slice with the one partition that is read now. */
  readonly slice: Slice;
  readonly at: number;
  readonly isLast: boolean;
  /** Null at the partition's start. */
  readonly page: Page | null;
}

/** Finds the partition that a continuation stands in. */
export const toPartition = (slice: Slice, continuation: Page | null): AtPartition => {
  const { partition: at = 0, ...page } = continuation ?? { page: 0, url: '' };
  const all = [slice.partition, ...(slice.more ?? [])];
  const partition = all[at];
  if (partition === undefined) {
    throw new InvalidInput(`slice ${slice.slice} is at partition ${at}, allowed up to ${all.length - 1}`);
  }
  return {
    slice: { ...slice, partition },
    at,
    isLast: at === all.length - 1,
    page: page.page === 0 ? null : page,
  };
};
