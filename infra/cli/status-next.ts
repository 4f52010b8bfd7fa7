import type { FeedNeed, FeedStatus } from '../../handlers/operate/read-status.ts';
import { TooManyRejects } from '../../shared/errors.ts';
import { fateOf } from '../../shared/fates.ts';
import type { Served } from './deployment/deployment.ts';
import { headingOf, toCopy } from './next-step.ts';

/** What to type next for a feed: the command of the message, behind what has to be mended first. */
export const toStatusNext = (
  status: FeedStatus,
  options: string,
  served?: Served | undefined,
): string | undefined => {
  const { feed, needs, state, backfills, lands } = status;
  const goOn = toGoOn(status, options);
  const [need] = needs;
  if (need !== undefined) {
    // Of a feed that is held nothing is begun: whoever is told of more resumes it first.
    const command = `${goOn === undefined ? '' : `${goOn}; then `}${need.command}${options}`;
    return `${toBefore(need, status, { options, served })}${command}`;
  }
  if (goOn !== undefined) return goOn;
  if (state === 'never ran' && backfills.length === 0)
    return lands === undefined
      ? `npx millrace trigger ${feed}${options}`
      : toLand(feed, lands, { options, served });
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

/** Where the status was read. */
interface Place {
  readonly options: string;
  readonly served: Served | undefined;
}

/** A folder of this machine has a verb for it, unless a cloud runs there. */
const toLand = (feed: string, lands: string, { options, served }: Place): string => {
  if (options.includes(' --env ')) return `land it in ${lands}`;
  const how =
    served === undefined
      ? `npx millrace run --file ${feed}=FILE${options} --once`
      : toCopy(served.clientFile, lands.startsWith('s3://') ? lands : `s3://${served.bucket}/${lands}`);
  return `land it in ${lands}: ${how}`;
};

/** What stands before the command: where the error is explained, and how it is mended. */
const toBefore = (
  { need, batch, error, heading }: FeedNeed,
  { feed, parked, failing, lands }: FeedStatus,
  place: Place,
): string => {
  const { oldest } = parked;
  if (error === TooManyRejects.name && batch !== undefined)
    return `npx millrace rejects ${feed} --batch ${batch}${place.options}; mend the feed; then `;
  const state = need === 'parked' ? oldest?.state : failing?.state;
  const reading = `docs/runbook.md, ${error === undefined || state === undefined ? heading : headingOf({ state, error })}`;
  const isOfDocument =
    need === 'parked' && batch?.startsWith('f-') && error !== undefined && fateOf(error) === 'document';
  const land = lands === undefined ? 'land it again' : toLand(feed, lands, place);
  return `${reading}; ${isOfDocument ? `mend the file and ${land}; or mend the feed and` : 'then'} `;
};
