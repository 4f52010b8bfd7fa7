import type { ErrorName } from '../../fates.ts';
import { isComparison } from '../../state/keys.ts';
import type { Subject } from '../subject.ts';
import {
  comparedAgain,
  landedOrRedriven,
  type Remedy,
  readAgain,
  rejectsThen,
  remedy,
  type Step,
  toAskAgain,
  toLook,
  toRedrive,
  type Way,
} from './remedy.ts';

/**
 * What a person does about each error: the one place that messages, `status`, `batch`, a failing `run` and the runbook's check take it from. An
 * error without a line here does not compile.
 */

const OF_SETTLING = { loading: 'SettleLoadFailed' };
const document = remedy({ mend: 'mend the source or the feed', parked: landedOrRedriven });
const passes = remedy({});

export const REMEDIES: Readonly<Record<ErrorName, Remedy>> = {
  SourceUnavailable: remedy({ mend: 'see that the source answers' }),
  SourceBusy: remedy({ mend: 'lower `limits` of its connection' }),
  SourceTruncated: remedy({ mend: 'see that the source answers' }),
  LeaseHeld: passes,
  ServiceUnavailable: passes,
  OutOfTime: passes,
  SourceRefused: remedy({ mend: 'mend the feed, its secret or the source' }),
  PagingLoop: remedy({ mend: 'mend `next` of the feed, or the source' }),
  UntrustedHost: remedy({ mend: 'add the host to `trustedHosts`, or mend the source' }),
  XmlMalformed: document,
  XmlLimitExceeded: document,
  XmlUnsupported: document,
  DocumentMismatch: document,
  TooManyRejects: remedy({
    parked: rejectsThen(toRedrive),
    failing: rejectsThen(toAskAgain),
  }),
  EmptyBatch: document,
  StepMovedNothing: passes,
  SliceStuck: remedy({ mend: 'lower the page size of the feed, or divide the file' }),
  BatchParked: remedy({ headings: OF_SETTLING }),
  GenerationLimitExceeded: remedy({ mend: 'see why so much is left to read' }),
  InvalidInput: remedy({ mend: 'mend what the message names', headings: { loading: 'ExtractFailed' } }),
  ServiceRefused: remedy({ mend: 'give the right, or make the object, that the message names' }),
  SecretMissing: remedy({ mend: 'store the secret that the message names' }),
  WarehouseUnready: remedy({ mend: 'give the right, or make the object, that the message names' }),
  WarehouseRefused: remedy({ mend: 'do what the message says' }),
  RebuildLost: passes,
  TargetChanged: remedy({
    mend: 'undo the change of the feed, or rebuild the table',
    headings: { loading: 'ExtractFailed' },
  }),
  LoadDataRefused: remedy({ headings: OF_SETTLING, parked: readAgain }),
  TooManyDeleted: remedy({
    headings: OF_SETTLING,
    parked: comparedAgain('see whether the listing has all keys, or raise `atMost`'),
  }),
  LoadRefused: remedy({ mend: 'mend what the message names', headings: OF_SETTLING }),
  RecordTooNew: remedy({
    mend: 'deploy the newer release again',
    headings: { loading: 'ExtractFailed' },
  }),
  LoadTriesExhausted: remedy({ mend: 'see that the warehouse answers', headings: OF_SETTLING }),
  SubmissionUnknown: passes,
};

/** Of what AWS says, and of an error that nobody here knows. */
const OTHER = passes;

export const remedyOf = (error = ''): Remedy =>
  Object.hasOwn(REMEDIES, error) ? REMEDIES[error as ErrorName] : OTHER;

/** The ways out for a batch that is parked. */
export const parkedWays = (subject: Subject): readonly Way[] => {
  const { parked } = remedyOf(subject.error);
  const { batch = '' } = subject;
  if (!isComparison(batch) || parked === REMEDIES.TooManyDeleted.parked) return parked(subject);
  return comparedAgain()(subject);
};

/** Whether a command that takes up all parked batches of a feed helps this one. */
export const isRedriven = (subject: Subject): boolean =>
  commandsOf(parkedWays(subject)).includes(toRedrive(subject));

const isTyped = (step: Step): step is { readonly type: string } => 'type' in step;

/** The commands of all ways, in order. */
export const commandsOf = (ways: readonly Way[]): readonly string[] =>
  ways.flatMap((way) => way.filter(isTyped).map((step) => step.type));

/** The commands, or the one that shows the batch where only something has to be mended. */
export const commandsFor = (subject: Subject, ways: readonly Way[]): readonly [string, ...string[]] => {
  const [first = toLook(subject), ...others] = commandsOf(ways);
  return [first, ...others];
};

/** How ways are written: what stands behind each command, and how a file is landed. */
export interface Writing {
  readonly options: string;
  /** @default land it again under its name */
  readonly land?: string | undefined;
}

/** All ways in one line: a command behind `; then`, other ways behind `; or`. */
export const toWaysText = (ways: readonly Way[], { options, land }: Writing): string =>
  ways.map((way) => toSteps(way.map((step) => toStepText(step, options, land)))).join('; or ');

/** Words and commands in their order. */
export const toSteps = ([first = '', ...others]: readonly string[]): string =>
  [first, ...others.map(thenText)].join('; ');

const thenText = (text: string): string => (text.startsWith('npx ') ? `then ${text}` : text);

const toStepText = (step: Step, options: string, land = 'land it again under its name'): string => {
  if ('say' in step) return step.say;
  return 'type' in step ? `${step.type}${options}` : land;
};
