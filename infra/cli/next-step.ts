import { toParkedSubject } from '../../shared/attention/needs/parked.ts';
import {
  isRedriven,
  parkedWays,
  remedyOf,
  toSteps,
  toWaysText,
} from '../../shared/attention/remedies/registry.ts';
import type { Subject } from '../../shared/attention/subject.ts';
import { BatchParked } from '../../shared/errors.ts';
import { quoteWord } from '../../shared/quote-word.ts';
import { toOptions } from './deployment/where.ts';
import { placeOf } from './page-place.ts';
import type { Failure } from './report.ts';
import { data, feeds, secrets } from './verbs/places.ts';
import { firstValue, type OptionSpec, type VerbArguments } from './verbs/verb.ts';

/** States of the machines that load; all others extract. */
const LOADING = /^(Load|SettleLoad|PlanLoad|PrepareWarehouse|SubmitLoad|DescribeLoad|MarkLoaded|Mark|Park)/;

export const isOfLoading = (state: string): boolean => LOADING.test(state);

/** Options that say where a run finds things: the next one has to find them there, too. */
const PLACES: Readonly<Record<string, OptionSpec>> = { feeds, data, secrets };

/** What to do after a run that failed: where its errors are explained, and the commands that go on. */
export const toNextStep = (failures: readonly Failure[], args: VerbArguments): string => {
  const headings = new Set(failures.map(headingOf));
  const command = toCommand(failures, args);
  if (failures.every(({ error }) => error === 'NotLoaded')) return `next: ${command} loads what is sealed`;
  const explained = `${placeOf('runbook')}, ${[...headings].sort().join(' and ')}, says what each error asks for`;
  const parked = failures.filter(isParked);
  const others = failures.filter((failure) => !isParked(failure));
  const before = [...toRejects(others, args), explained].join('; ');
  const again = others.length === 0 ? [] : [...toMends(others), toCommand(others, args)];
  return `next: ${toSteps([before, ...toRemedies(parked, args), ...again])}`;
};

/** What has to be mended before a run helps, each once. */
const toMends = (failures: readonly Failure[]): readonly string[] => {
  const steps = failures.flatMap((failure) => remedyOf(failure.error).failing(toSubject(failure)).flat());
  return [...new Set(steps.flatMap((step) => ('say' in step ? [step.say] : [])))];
};

/** A run alone does nothing for a batch that is parked. What each asks for, once: of a feed one command takes up all that it helps. */
const toRemedies = (parked: readonly Failure[], args: VerbArguments): readonly string[] => {
  const places = toPlaces(args);
  const subjects = parked.map(toSubject);
  const texts = subjects.map((subject) => {
    const alike = subjects.filter(({ feed, batch }) => feed === subject.feed && batch !== subject.batch);
    const hasOthers = isRedriven(subject) && alike.some(isRedriven);
    const land = toLandAgain(subject.feed, parked, args);
    return toWaysText(parkedWays({ ...subject, hasOthers }), { options: places, land });
  });
  return [...new Set(texts)];
};

/** A file that the run was given is landed from where it was: the mended one has its name. */
const toLandAgain = (feed: string, parked: readonly Failure[], args: VerbArguments): string => {
  const own = parked.filter((failure) => failure.feed === feed);
  const isGiven = (args.values.get('file') ?? []).some((file) => isLandedAgain(file, own));
  return toLanding(isGiven ? toCommand(own, args) : toFileCommand(feed, toPlaces(args)));
};

/** A newer version of a landed file has its name. */
export const toLanding = (command: string): string => `land it again under its name: ${command}`;

/** What lands a file of one's own on this machine; `places` are words that say where that is. */
export const toFileCommand = (feed: string, places: string): string =>
  `npx millrace run --file ${feed}=FILE${places} --once`;

/** What the parked record says, where there is one; a schedule that finds a batch parked has no other error. */
const toSubject = ({ feed, batch, parked }: Failure): Subject =>
  parked === undefined
    ? { feed, ...(batch === '' ? {} : { batch }) }
    : { ...toParkedSubject(feed, parked), feed };

const isParked = ({ parked, error }: Failure): boolean => parked !== undefined || error === PARKED;

const PARKED = new BatchParked('').name;

/** Where rows are told that failed their batch: one feed's, since the others' are told alike. */
const toRejects = (failures: readonly Failure[], args: VerbArguments): readonly string[] => {
  const rejected = failures.find(({ error, feed }) => error === 'TooManyRejects' && feed !== '');
  if (rejected === undefined) return [];
  const command = ['npx millrace rejects', rejected.feed, ...toPlace('data', data, args)].join(' ');
  return [`${command} shows the rows`];
};

/** The runbook's heading that explains an error of a state. */
export const headingOf = ({ state, error }: Pick<Failure, 'state' | 'error'>): string => {
  if (state === 'Sweep') return 'SweepFailed';
  const { extracting, loading } = remedyOf(error).headings;
  return isOfLoading(state) ? loading : extracting;
};

/** Where a serving cloud is. */
export interface Serving {
  /** The shell file that leads S3 clients to it. */
  readonly clientFile: string;
  /** Where a feed's objects land. */
  bucketOf(feed: string): string;
}

/** Puts a file where a serving cloud reads it. */
export const toCopy = (clientFile: string, target: string, file = 'FILE'): string =>
  `. ${quoteWord(clientFile)}; aws s3 cp ${quoteWord(file)} ${quoteWord(target)}`;

/** What to do about one failure while a cloud serves: its folder is in use, so that no other run can take it. */
export const toServedStep = (
  failure: Failure,
  { clientFile, bucketOf }: Serving,
  args: VerbArguments,
): string => {
  const { feed, landed } = failure;
  const reading = `next: ${placeOf('runbook')}, ${headingOf(failure)}`;
  const land = landed && toLanding(toCopy(clientFile, `s3://${bucketOf(feed)}/${landed}`));
  if (isParked(failure))
    return toSteps([reading, toWaysText(parkedWays(toSubject(failure)), { options: toOptions(args), land })]);
  if (land !== undefined) return toSteps([reading, 'mend the file', land]);
  if (isOfLoading(failure.state)) return `${reading}; the sweep loads it, every 15 minutes`;
  const { batch, asked, error } = failure;
  const ways = remedyOf(error).failing({ feed, asked, error, ...(batch === '' ? {} : { batch }) });
  const text = toWaysText(ways, { options: toOptions(args) });
  return asked === undefined
    ? `${reading}; then wait for the next schedule, or ${text}`
    : toSteps([reading, text]);
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
  ];
  return `npx millrace run${words.map((word) => ` ${word}`).join('')}${toPlaces(args)} --once`;
};

const toPlaces = (args: VerbArguments): string =>
  Object.entries(PLACES)
    .flatMap(([name, spec]) => toPlace(name, spec, args))
    .map((place) => ` ${place}`)
    .join('');

const toPlace = (name: string, spec: OptionSpec, args: VerbArguments): readonly string[] => {
  const given = firstValue(args, name);
  return given === undefined || given === spec.default ? [] : [`--${name} ${quoteWord(given)}`];
};
