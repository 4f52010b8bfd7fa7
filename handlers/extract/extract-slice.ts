import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { ExtractSliceInput, ExtractSliceOutput } from '../../shared/messages.ts';
import { type PlanRecord, planRecord, type Slice } from '../../shared/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source } from '../ports/source.ts';
import type { Tracer } from '../ports/tracer.ts';
import { readKnownRecord } from '../records.ts';
import { extractStep } from './extract-step.ts';
import { planNameOf } from './plan-name.ts';
import { readPosition } from './slice-position.ts';

export interface ExtractSliceDeps {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly openCsvFile: (options: CsvFileOptions) => CsvFile;
  readonly tracer: Tracer;
  readonly attempt: string;
  readonly signal: AbortSignal;
}

/** Works on one slice, step by step, until it is complete or the execution's deadline. */
export const extractSlice = async (
  { thread, slice }: ExtractSliceInput,
  deps: ExtractSliceDeps,
): Promise<ExtractSliceOutput> => {
  const plan = await readKnownRecord(deps.records, thread.planKey, planRecord);
  const item = findSlice(plan, slice);
  const name = planNameOf(plan);
  const deadlineMs = Date.parse(thread.deadline);
  const nextPart = countUp();

  for (let hasMoved = false; ; ) {
    const position = await readPosition(deps.records, name, slice);
    if (position === 'complete') return { slice, outcome: 'complete' };
    if (deps.clock.now() >= deadlineMs) return { slice, outcome: hasMoved ? 'partial' : 'late' };
    const outcome = await extractStep({ plan, slice: item, position, deadlineMs }, { ...deps, nextPart });
    if (outcome !== 'overtaken') return { slice, outcome };
    hasMoved = true; // another attempt's step stands in this place: go on from there
  }
};

const findSlice = (plan: PlanRecord, number: number): Slice => {
  const item = plan.slices.find(({ slice }) => slice === number);
  if (item !== undefined) return item;
  throw new InvalidInput(
    `slice ${number} is not in the plan of ${plan.batch}, which has ${plan.slices.length}`,
  );
};

const countUp = (): (() => number) => {
  let n = 0;
  return () => n++;
};
