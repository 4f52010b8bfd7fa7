import { InvalidInput } from '../../shared/errors.ts';
import type { PagedStep, ReadDeps } from './paged-step.ts';
import { readPages, type StepReading } from './read-pages.ts';
import type { StagedFiles } from './staged-files.ts';

/** Reads the partition that a step stands in. Where the slice has another after it, the next step starts there. */
export const readPartitions = async (
  step: PagedStep,
  files: StagedFiles,
  deps: ReadDeps,
): Promise<StepReading> => {
  const { slice, position, deadlineMs } = step;
  const { partition: at = 0, ...page } = position.continuation ?? { page: 0, url: '' };
  const all = [slice.partition, ...(slice.more ?? [])];
  const partition = all[at];
  if (partition === undefined) {
    throw new InvalidInput(`slice ${slice.slice} is at partition ${at}, allowed up to ${all.length - 1}`);
  }
  const startMs = deps.clock.now();
  const reading = await readPages(
    {
      ...step,
      slice: { ...slice, partition },
      position: { ...position, continuation: page.page === 0 ? null : page },
    },
    files,
    deps,
  );
  if (reading.continuation !== null) {
    return at === 0 ? reading : { ...reading, continuation: { ...reading.continuation, partition: at } };
  }
  if (at === all.length - 1) return reading;
  // As long as this partition took, the next one may take.
  const isNear = 2 * deps.clock.now() - startMs >= deadlineMs;
  return { ...reading, continuation: { url: '', page: 0, partition: at + 1 }, isCut: !isNear };
};
