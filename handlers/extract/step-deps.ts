import type { CsvFile, CsvFileOptions } from '../../shared/csv/csv-file.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStreams } from '../ports/object-streams.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source } from '../ports/source.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { StepTimes } from './step-times.ts';

/** What work on a slice takes. */
export interface ExtractSliceDeps {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly openCsvFile: (options: CsvFileOptions) => CsvFile;
  readonly tracer: Tracer;
  /** Told once a step what it read, and how much of that was not plain. */
  readonly log?:
    | { info(message: string, fields: Readonly<Record<string, string | number>>): void }
    | undefined;
  readonly invocation: string;
  readonly signal: AbortSignal;
  /** @default STEP_TIMES */
  readonly times?: StepTimes | undefined;
}

export type StepDeps = ExtractSliceDeps & {
  /** Numbers the files of one invocation. */
  readonly nextPart: () => number;
};
