import type { SliceValues } from '../../shared/source/slice-variables.ts';
import type { PlanRecord, Slice } from '../../shared/state/records.ts';

/** What variables of a slice's requests and values stand for. */
export const sliceValuesOf = ({
  slice,
  plan,
}: {
  readonly slice: Slice;
  readonly plan: PlanRecord;
}): SliceValues => ({
  feed: plan.definition,
  partition: slice.partition,
  ...(slice.window === undefined
    ? {}
    : { bounds: { fromMs: Date.parse(slice.window.from), toMs: Date.parse(slice.window.to) } }),
});
