import { failing } from '../../shared/attention/needs/failing.ts';
import { fateOf } from '../../shared/fates.ts';
import { quoteWord } from '../../shared/quote-word.ts';
import { toOptions } from './deployment/where.ts';
import type { Failure } from './report.ts';
import { data, feeds, secrets } from './verbs/places.ts';
import { firstValue, type OptionSpec, type VerbArguments } from './verbs/verb.ts';

/** States of the machines that load; all others extract. */
const LOADING = /^(Load|SettleLoad|PlanLoad|PrepareWarehouse|SubmitLoad|DescribeLoad|MarkLoaded|Mark|Park)/;

/** Options that say where a run finds things: the next one has to find them there, too. */
const PLACES: Readonly<Record<string, OptionSpec>> = { feeds, data, secrets };

/** What to do after a run that failed: where its errors are explained, and the command that goes on. */
export const toNextStep = (failures: readonly Failure[], args: VerbArguments): string => {
  const headings = new Set(failures.map(headingOf));
  const command = toCommand(failures, args);
  if (failures.every(({ error }) => error === 'NotLoaded')) return `next: ${command} loads what is sealed`;
  const explained = `docs/runbook.md, ${[...headings].sort().join(' and ')}, says what each error asks for`;
  const before = [...toRejects(failures, args), explained].join('; ');
  const parked = failures.filter(isRedriven);
  const others = failures.length > parked.length ? [command] : [];
  const redrive = parked.length === 0 ? [] : [toRedrive(parked, args)];
  return `next: ${[before, ...redrive, ...others].join('; then ')}`;
};

/** A run alone does nothing for a batch that is parked; it says how the feed is at its end. */
const toRedrive = (parked: readonly Failure[], args: VerbArguments): string => {
  const places = Object.entries(PLACES).flatMap(([name, spec]) => toPlace(name, spec, args));
  const commands = [...new Set(parked.map(({ feed }) => feed))].map((feed) =>
    ['npx millrace redrive', feed, ...places].join(' '),
  );
  const isOfFile = parked.some(({ batch }) => batch.startsWith('f-'));
  return `${commands.join('; ')}${isOfFile ? ', or drop the mended file again' : ''}`;
};

/** Errors of loads that ask for no batch to be redriven: the next comparison does it anew, and nothing is parked. */
const NOT_REDRIVEN: readonly string[] = ['TooManyDeleted', 'RecordTooNew'];

/** Parked while it was read: its feed stands still until it is redriven. */
const isParkedByExtraction = ({ state, error }: Failure): boolean =>
  error === 'SliceStuck' || (error === 'BatchParked' && state !== 'Load');

const isRedriven = (failure: Failure): boolean => isParkedByLoad(failure) || isParkedByExtraction(failure);

/** The loader parks as the state Load. */
const isParkedByLoad = ({ state, error }: Failure): boolean => {
  if (error === 'BatchParked') return state === 'Load';
  const parks = ['batch', 'person', 'document'].includes(fateOf(error) ?? 'wait');
  return parks && LOADING.test(state) && !NOT_REDRIVEN.includes(error);
};

/** Where rows are told that failed their batch: one feed's, since the others' are told alike. */
const toRejects = (failures: readonly Failure[], args: VerbArguments): readonly string[] => {
  const rejected = failures.find(({ error, feed }) => error === 'TooManyRejects' && feed !== '');
  if (rejected === undefined) return [];
  const command = ['npx millrace rejects', rejected.feed, ...toPlace('data', data, args)].join(' ');
  return [`${command} shows the rows`];
};

/** Errors that the runbook explains under one heading, whatever state they end. */
const HEADINGS: Readonly<Record<string, string>> = {
  LoadDataRefused: 'SettleLoadFailed',
  LoadRefused: 'SettleLoadFailed',
  LoadTriesExhausted: 'SettleLoadFailed',
  TooManyDeleted: 'SettleLoadFailed',
  TargetChanged: 'ExtractFailed',
  RecordTooNew: 'ExtractFailed',
  InvalidInput: 'ExtractFailed',
};

/** The runbook's heading that explains an error of a state. */
export const headingOf = ({ state, error }: Pick<Failure, 'state' | 'error'>): string => {
  if (state === 'Sweep') return 'SweepFailed';
  const own = Object.hasOwn(HEADINGS, error) ? HEADINGS[error] : undefined;
  if (own !== undefined) return own;
  if (!LOADING.test(state)) return 'ExtractFailed';
  return error === 'BatchParked' ? 'SettleLoadFailed' : 'LoadFailed';
};

/** Where a serving cloud is. */
export interface Serving {
  /** The shell file that leads S3 clients to it. */
  readonly clientFile: string;
  /** Where a feed's objects land. */
  bucketOf(feed: string): string;
}

/** Puts a file where a serving cloud reads it. */
export const toCopy = (clientFile: string, target: string): string =>
  `. ${quoteWord(clientFile)}; aws s3 cp FILE ${quoteWord(target)}`;

/** What to do about one failure while a cloud serves: its folder is in use, so that no other run can take it. */
export const toServedStep = (
  failure: Failure,
  { clientFile, bucketOf }: Serving,
  args: VerbArguments,
): string => {
  const { feed, landed } = failure;
  const reading = `next: docs/runbook.md, ${headingOf(failure)}`;
  if (landed !== undefined)
    return `${reading}; then land the mended file: ${toCopy(clientFile, `s3://${bucketOf(feed)}/${landed}`)}`;
  if (isRedriven(failure)) return `${reading}; then ${toRedrive([failure], args)}`;
  if (LOADING.test(failure.state)) return `${reading}; the sweep loads it, every 15 minutes`;
  const { batch, asked } = failure;
  const command = failing.command({ feed, asked, ...(batch === '' ? {} : { batch }) });
  const wait = asked === undefined ? 'wait for the next schedule, or ' : '';
  return `${reading}; then ${wait}${command}${toOptions(args)}`;
};

/** Of a feed's files those that failed, where that is known; `file` is FEED=PATH. */
const isLandedAgain = (file: string, failures: readonly Failure[]): boolean => {
  const of = failures.filter(({ feed, error }) => feed === file.split('=')[0] && error !== 'NotLoaded');
  const name = file.slice(file.search(/[^/=]*$/));
  return of.some(({ landed }) => landed === undefined || landed.endsWith(`/${name}`));
};

/** A document that failed is landed again: its feed fires for nothing else. What is sealed needs its feed's name alone. */
const toCommand = (failures: readonly Failure[], args: VerbArguments): string => {
  const files = (args.values.get('file') ?? []).filter((file) => isLandedAgain(file, failures));
  const landed = files.map((file) => file.split('=')[0] ?? '');
  const feeds = failures.map(({ feed }) => feed).filter((feed) => feed !== '' && !landed.includes(feed));
  const words = [
    ...[...new Set(feeds)].map((feed) => `--feed ${feed}`),
    ...files.map((file) => `--file ${quoteWord(file)}`),
    ...Object.entries(PLACES).flatMap(([name, spec]) => toPlace(name, spec, args)),
  ];
  return ['npx millrace run', ...words, '--once'].join(' ');
};

const toPlace = (name: string, spec: OptionSpec, args: VerbArguments): readonly string[] => {
  const given = firstValue(args, name);
  return given === undefined || given === spec.default ? [] : [`--${name} ${quoteWord(given)}`];
};
