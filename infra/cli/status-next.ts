import type { FeedNeed, FeedStatus } from '../../handlers/operate/read-status.ts';
import { TooManyRejects } from '../../shared/errors.ts';
import { fateOf } from '../../shared/fates.ts';
import { headingOf } from './next-step.ts';

/** What to type next for a feed: the command of the message, behind what has to be mended first. */
export const toStatusNext = (status: FeedStatus, options: string): string | undefined => {
  const { feed, needs, state, backfills, lands } = status;
  const goOn = toGoOn(status, options);
  const [need] = needs;
  if (need !== undefined) {
    // Of a feed that is held nothing is begun: whoever is told of more resumes it first.
    const command = `${goOn === undefined ? '' : `${goOn}; then `}${need.command}${options}`;
    return `${toBefore(need, status, options)}${command}`;
  }
  if (goOn !== undefined) return goOn;
  if (state === 'never ran' && backfills.length === 0)
    return lands === undefined ? `npx millrace trigger ${feed}${options}` : toLand(feed, lands, options);
  return undefined;
};

/** What lets a feed go on that is held: by its file, by a person, or by both. */
const toGoOn = ({ feed, pausedAt, isPausedByFile }: FeedStatus, options: string): string | undefined => {
  const ways = [
    ...(isPausedByFile ? [`take \`paused: true\` out of feed ${feed}, and deploy`] : []),
    ...(pausedAt === undefined ? [] : [`npx millrace resume ${feed}${options}`]),
  ];
  return ways.length === 0 ? undefined : ways.join('; then ');
};

/** A folder of this machine has a verb for it. */
const toLand = (feed: string, lands: string, options: string): string =>
  options.includes(' --env ')
    ? `land it in ${lands}`
    : `land it in ${lands}: npx millrace run --file ${feed}=FILE${options} --once`;

/** What stands before the command: where the error is explained, and how it is mended. */
const toBefore = (
  { need, batch, error, heading }: FeedNeed,
  { feed, parked, failing, lands }: FeedStatus,
  options: string,
): string => {
  const { oldest } = parked;
  if (error === TooManyRejects.name && batch !== undefined)
    return `npx millrace rejects ${feed} --batch ${batch}${options}; mend the feed; then `;
  const state = need === 'parked' ? oldest?.state : failing?.state;
  const reading = `docs/runbook.md, ${error === undefined || state === undefined ? heading : headingOf({ state, error })}`;
  const isOfDocument =
    need === 'parked' && batch?.startsWith('f-') && error !== undefined && fateOf(error) === 'document';
  const land = lands === undefined ? 'land it again' : toLand(feed, lands, options);
  return `${reading}; ${isOfDocument ? `mend the file and ${land}; or mend the feed and` : 'then'} `;
};
