import { redactDeep } from '../../shared/redact/redact-deep.ts';
import type { Redactor } from '../../shared/redact/redactor.ts';
import { toKey } from '../../shared/state/keys.ts';
import { type PlanRecord, type StepRecord, stepRecord } from '../../shared/state/records.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { putRecord } from '../records.ts';
import { planNameOf } from './plan-name.ts';
import type { SlicePosition } from './slice-position.ts';

/**
 * `unchanged`: the document is that of the batch before, and there is no step. `cut`: the step ended with time left for another.
 * `partial`: there is none. `overtaken`: another invocation's step stands in this place; its rows count, ours do not.
 */
export type StepOutcome = 'complete' | 'cut' | 'partial' | 'overtaken' | 'unchanged';

/** Where a step belongs. */
export interface StepPlace {
  readonly plan: PlanRecord;
  readonly slice: number;
  readonly position: Pick<SlicePosition, 'restart' | 'step'>;
}

interface PublishDeps {
  readonly records: RecordStore;
  readonly redactor: Redactor;
  readonly invocation: string;
}

/** Of a step that read no page. */
export const NOTHING_READ = {
  tables: {},
  rejects: { rows: 0, parts: [] },
  firstRejects: [],
  records: 0,
  outside: 0,
  bytes: 0,
  pages: 0,
  matched: [],
  warnings: [],
  continuation: null,
};

/** The step exists from its put on. A 412 by our own invocation is a reply that was lost. */
export const publishStep = async (
  { plan, slice, position }: StepPlace,
  record: StepRecord,
  isCut: boolean,
  { records, redactor, invocation }: PublishDeps,
): Promise<StepOutcome> => {
  const { restart, step } = position;
  const key = toKey({ kind: 'step', ...planNameOf(plan), slice, restart, step });
  const standing = await putRecord(records, key, redactStep(record, redactor), stepRecord);
  if (standing.invocation !== invocation) return 'overtaken';
  if (standing.continuation === null) return 'complete';
  return isCut ? 'cut' : 'partial';
};

/** Names of ours, and values that a later step or batch computes with; a link that holds a secret is not followed. */
const NO_MESSAGES: ReadonlySet<string> = new Set<keyof StepRecord>([
  'invocation',
  'traceId',
  'at',
  'tables',
  'rejects',
  'matched',
  'rejectedBy',
  'largestCursor',
  'continuation',
  'range',
  'piece',
]);

/** Takes secrets out of all that a step tells of the source's documents. */
const redactStep = (record: StepRecord, { redact }: Redactor): StepRecord =>
  stepRecord.parse(
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        NO_MESSAGES.has(name) ? value : redactDeep(value, redact),
      ]),
    ),
  );
