import type { FeedNeed, FeedStatus } from '../../handlers/operate/read-status.ts';
import { fateOf } from '../../shared/fates.ts';
import { quoteWord } from './deployment/where.ts';
import { headingOf } from './next-step.ts';

/** What to type next for a feed: the command of the message, behind what has to be mended first. */
export const toStatusNext = (status: FeedStatus, options: string): string | undefined => {
  const { feed, needs, pausedAt, state, backfills, lands } = status;
  const resume = `npx millrace resume ${feed}${options}`;
  const [need] = needs;
  if (need !== undefined) {
    // Of a feed that is held nothing is begun: whoever is told of more resumes it first.
    const command = `${pausedAt === undefined ? '' : `${resume}; then `}${toCommand(need, status)}${options}`;
    return `${toBefore(need, status, options)}${command}`;
  }
  if (pausedAt !== undefined) return resume;
  if (state === 'never ran' && backfills.length === 0)
    return lands === undefined ? `npx millrace trigger ${feed}${options}` : `land a file in ${lands}`;
  return undefined;
};

/** A range that failed is asked for by nothing but its own command. */
const toCommand = (
  { need, command }: FeedNeed,
  { feed, failing, backfills, rebuild }: FeedStatus,
): string => {
  const request = /^b-([0-9a-f]{12})-/.exec(failing?.batch ?? '')?.[1];
  if (need === 'failing' && rebuild !== undefined && rebuild.request === request)
    return `npx millrace rebuild ${rebuild.table}`;
  const range = need === 'failing' ? backfills.find((one) => one.request === request) : undefined;
  if (range === undefined) return command;
  const { from, to, partition, isAgain } = range;
  const only = partition === undefined ? '' : ` --partition ${quoteWord(partition)}`;
  return `npx millrace backfill ${feed} --from ${from} --to ${to}${only}${isAgain ? ' --again' : ''}`;
};

/** What stands before the command: where the error is explained, and how it is mended. */
const toBefore = (
  { need, batch, error, heading }: FeedNeed,
  { feed, parked, failing }: FeedStatus,
  options: string,
): string => {
  const { oldest } = parked;
  if (need === 'parked' && oldest?.error === 'TooManyRejects')
    return `npx millrace rejects ${feed} --batch ${oldest.batch}${options}; mend the feed; then `;
  const state = need === 'parked' ? oldest?.state : failing?.state;
  const reading = `docs/runbook.md, ${error === undefined || state === undefined ? heading : headingOf({ state, error })}`;
  const isOfDocument =
    need === 'parked' && batch?.startsWith('f-') && error !== undefined && fateOf(error) === 'document';
  return `${reading}; ${isOfDocument ? 'land the mended file again, or mend the feed and' : 'then'} `;
};
