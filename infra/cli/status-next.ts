import type { FeedNeed, FeedStatus } from '../../handlers/operate/read-status.ts';
import type { Trouble } from '../../shared/attention/facts.ts';
import { remedyOf, toSteps, toWaysText } from '../../shared/attention/remedies/registry.ts';
import type { Way } from '../../shared/attention/remedies/remedy.ts';
import type { Served } from './deployment/deployment.ts';
import { headingOf, isOfLoading, toCopy, toFileCommand } from './next-step.ts';
import { placeOf } from './page-place.ts';

/** What to type next for a feed: the command of the message, behind what has to be mended first. */
export const toStatusNext = (status: FeedStatus, place: Place): string | undefined => {
  const { feed, needs, state, backfills, lands, hasUnread, rebuild, failing } = status;
  const { options } = place;
  const goOn = toGoOn(status, options);
  const [need] = needs;
  if (need !== undefined) {
    // A feed that is held begins nothing: it is resumed first.
    const held = goOn === undefined ? [] : [goOn];
    const steps = toStepsText(feed, need.ways, lands, place);
    const load = need.need === 'not-loading' && isAtRest(place) ? [toRun(feed, options)] : [];
    return toSteps([`${placeOf('runbook')}, ${toHeading(need, status)}`, ...held, steps, ...load]);
  }
  if (goOn !== undefined) return goOn;
  if (failing !== undefined && isAtRest(place)) return toRetry(feed, failing, place);
  // While the tables are made anew a file would only wait once more.
  if (hasUnread && rebuild === undefined) return `npx millrace trigger ${feed}${options}`;
  if (state === 'never ran' && backfills.length === 0)
    return lands === undefined ? `npx millrace trigger ${feed}${options}` : toLand(feed, lands, place);
  return undefined;
};

/** Whether nothing runs there that would try again by itself: a folder of this machine on which no cloud is. */
export const isAtRest = ({ options, served }: Place): boolean =>
  served === undefined && !options.includes(' --env ');

/** What tries again at rest what failed by a cause that may pass. */
export const toRetry = (
  feed: string,
  { state, error, batch, asked }: Pick<Trouble, 'state' | 'error' | 'batch' | 'asked'>,
  { options }: Place,
): string => {
  const heading = `${placeOf('runbook')}, ${headingOf({ state, error })}`;
  if (isOfLoading(state)) return toSteps([heading, toRun(feed, options)]);
  return toSteps([heading, toWaysText(remedyOf(error).failing({ feed, error, batch, asked }), { options })]);
};

/** A run begins the feed's loads, too. */
const toRun = (feed: string, options: string): string => `npx millrace run --feed ${feed}${options} --once`;

/** What is to be done about one batch, behind where the runbook explains it. */
export const toBatchNext = (
  { feed, state, error, ways }: Pick<Trouble, 'state' | 'error'> & { feed: string; ways: readonly Way[] },
  lands: string | undefined,
  place: Place,
): string =>
  toSteps([`${placeOf('runbook')}, ${headingOf({ state, error })}`, toStepsText(feed, ways, lands, place)]);

/** The ways out for a feed; `lands` is where its files do. */
export const toStepsText = (
  feed: string,
  ways: readonly Way[],
  lands: string | undefined,
  place: Place,
): string =>
  toWaysText(ways, {
    options: place.options,
    land: lands === undefined ? undefined : toLand(feed, lands, place, ' under its name'),
  });

/** What lets a feed go on that is held: by its file, by a person, or by both. */
const toGoOn = ({ feed, pausedAt, isPausedByFile }: FeedStatus, options: string): string | undefined => {
  const ways = [
    ...(isPausedByFile ? [`remove \`paused: true\` from feed ${feed}, then deploy`] : []),
    ...(pausedAt === undefined ? [] : [`npx millrace resume ${feed}${options}`]),
  ];
  return ways.length === 0 ? undefined : ways.join('; then ');
};

/** Where the status was read. */
export interface Place {
  readonly options: string;
  /** The cloud that serves the folder. @default - none does */
  readonly served?: Served | undefined;
}

/** A folder of this machine has a verb for it, unless a cloud runs there. */
const toLand = (feed: string, lands: string, { options, served }: Place, named = ''): string => {
  if (options.includes(' --env ')) return `land it${named} in ${lands}`;
  const how =
    served === undefined
      ? toFileCommand(feed, options)
      : toCopy(served.clientFile, lands.startsWith('s3://') ? lands : `s3://${served.bucket}/${lands}`);
  return `land it${named} in ${lands}: ${how}`;
};

/** Where the runbook explains what is behind it. */
const toHeading = ({ need, error, heading }: FeedNeed, { parked, failing }: FeedStatus): string => {
  const state = need === 'parked' ? parked.oldest?.state : failing?.state;
  return error === undefined || state === undefined ? heading : headingOf({ state, error });
};
