import type { PagedStep, ReadDeps } from './paged-step.ts';
import { toPartition } from './partition.ts';
import { readPages, type StepReading } from './read-pages.ts';
import type { StagedFiles } from './staged-files.ts';

/** Reads the partition that a step stands in. Where the slice has another after it, the next step starts there. */
export const readPartitions = async (
  step: PagedStep,
  files: StagedFiles,
  deps: ReadDeps,
): Promise<StepReading> => {
  const { position, deadlineMs } = step;
  const { slice, at, isLast, page } = toPartition(step.slice, position.continuation);
  const startMs = deps.clock.now();
  const here = { ...step, slice, position: { ...position, continuation: page } };
  const reading = await readPages(here, files, deps);
  if (reading.continuation !== null) {
    return at === 0 ? reading : { ...reading, continuation: { ...reading.continuation, partition: at } };
  }
  if (isLast) return reading;
  // As long as this partition took, the next one may take.
  const isNear = 2 * deps.clock.now() - startMs >= deadlineMs;
  return { ...reading, continuation: { url: '', page: 0, partition: at + 1 }, isCut: !isNear };
};
