import * as z from 'zod';
import { isOfPartFiles } from '../../sql/classify-error.ts';
import { isComparison } from '../../state/keys.ts';
import { toAskingCommand } from '../asking.ts';
import type { Subject } from '../subject.ts';

/** What a person does about a cause, in order: words, a file to land again, or a command to type. */
export const step = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ type: z.string() }),
  z.strictObject({ lands: z.literal(true) }),
]);
export type Step = Readonly<z.infer<typeof step>>;

/** One way out. Commands are without the words that say which deployment is meant. */
export type Way = readonly Step[];

/** The ways out of which one is taken, by where the fault is; the usual one first. */
export type Ways = (subject: Subject) => readonly Way[];

/** What a person does about one error, by what it keeps from going on. */
export interface Remedy {
  /** The heading of docs/runbook.md that explains it, of an extraction and of a load. */
  readonly headings: { readonly extracting: string; readonly loading: string };
  /** A batch is parked for it. */
  readonly parked: Ways;
  /** Extraction fails by it, and is tried again. */
  readonly failing: Ways;
  /** A load waits for it to pass. */
  readonly waiting: Ways;
}

const LANDS: Step = { lands: true };

export const type = (command: string): Step => ({ type: command });

const say = (text: string | undefined): Way => (text === undefined ? [] : [{ say: text }]);

/** The command that tells a batch's whole story, or that of the newest ones. */
export const toLook = ({ feed, batch }: Subject): string =>
  batch === undefined ? `npx millrace runs ${feed} --since 7d` : `npx millrace batch ${batch} --feed ${feed}`;

/** Takes up the batch, or each parked batch of the feed, from what it has. */
export const toRedrive = ({ feed, batch = '', hasOthers = false }: Subject): string =>
  `npx millrace redrive ${feed}${batch === '' || hasOthers ? '' : ` ${batch}`}`;

/** Leaves the batch for good. What it has was read again before, so that nobody is asked. */
const toSkip = ({ feed, batch }: Subject): string => `npx millrace redrive ${feed} ${batch} --skip --yes`;

/** What tries the same again: a range is asked for by nothing but its own command, and of landed files `trigger` takes up those that wait. */
export const toAskAgain = ({ feed, asked, batch = '' }: Subject): string =>
  asked === undefined
    ? `npx millrace trigger ${feed}${isComparison(batch) ? ' --compare' : ''}`
    : toAskingCommand(feed, asked);

const toRejects = ({ feed, batch }: Subject): Way =>
  batch === undefined ? [] : [type(`npx millrace rejects ${feed} --batch ${batch}`)];

export const redriven =
  (mend?: string): Ways =>
  (subject) => [[...say(mend), type(toRedrive(subject))]];

export const askedAgain =
  (mend?: string): Ways =>
  (subject) => [[...say(mend), type(toAskAgain(subject))]];

/** Nothing but the sweep begins the load again: the command shows what it waits for. */
const awaited =
  (mend?: string): Ways =>
  (subject) => [[...say(mend), type(toLook(subject))]];

/** A comparison is never loaded late: another one lists the keys anew. */
export const comparedAgain =
  (mend?: string): Ways =>
  ({ feed }) => [[...say(mend), type(`npx millrace trigger ${feed} --compare`)]];

const isLanded = ({ batch = '' }: Subject): boolean => batch.startsWith('f-');

/** A newer version of a landed file takes the place of the parked one. */
export const landedAgain: Way = [{ say: 'mend the file' }, LANDS];

/** The file was wrong, or how its feed reads it. */
export const landedOrRedriven: Ways = (subject) =>
  isLanded(subject)
    ? [landedAgain, [...say('mend the feed'), type(toRedrive(subject))]]
    : redriven('mend the source or the feed')(subject);

/** Rows say whether the feed is wrong or, of a landed file, the file: its newer version takes the place of the parked one. */
export const rejectsThen =
  (then: (subject: Subject) => string): Ways =>
  (subject) => [
    [...toRejects(subject), ...say('mend the feed'), type(then(subject))],
    ...(isLanded(subject) ? [[...say('where the file is wrong, mend it'), LANDS]] : []),
  ];

/**
 * What is wrong with part files stays so however often they are loaded: what they were made of is read again, and then the batch is
 * skipped. Where no range of the feed may be read again, as of rows without a key, the files themselves have to be mended.
 */
export const readAgain: Ways = (subject) => {
  const { feed, batch = '', again, cause = '' } = subject;
  if (!isOfPartFiles(cause)) return redriven('mend the table in the warehouse')(subject);
  if (again?.rebuilds !== undefined)
    return [
      [
        ...say('mend the source or the feed'),
        type(`npx millrace rebuild ${again.rebuilds} --cancel`),
        type(toAskingCommand(feed, again)),
      ],
    ];
  const read = again === undefined ? undefined : toAskingCommand(feed, again);
  // Without a window each run reads all that the source has.
  const whole = batch.startsWith('s-') ? `npx millrace trigger ${feed}` : undefined;
  const command = read ?? whole;
  const mend = isLanded(subject) ? 'mend the feed' : 'mend the source or the feed';
  const reading: Way =
    command === undefined
      ? [...say('bring back the part file that the message names'), type(toRedrive(subject))]
      : [...say(mend), type(command), type(toSkip(subject))];
  return isLanded(subject) ? [landedAgain, reading] : [reading];
};

export interface RemedyOptions {
  /** What has to be so before a command helps, in few words. */
  readonly mend?: string;
  readonly headings?: Partial<Remedy['headings']>;
  readonly parked?: Ways;
  readonly failing?: Ways;
}

const HEADINGS: Remedy['headings'] = { extracting: 'ExtractFailed', loading: 'LoadFailed' };

export const remedy = ({ mend, headings, parked, failing }: RemedyOptions): Remedy => ({
  headings: { ...HEADINGS, ...headings },
  parked: parked ?? redriven(mend),
  failing: failing ?? askedAgain(mend),
  waiting: awaited(mend),
});
