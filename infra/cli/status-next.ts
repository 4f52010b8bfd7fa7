import type { Asking } from '../../handlers/operate/backfill-request.ts';
import type { FeedStatus } from '../../handlers/operate/read-status.ts';
import { fateOf } from '../../shared/fates.ts';
import { quoteWord } from './deployment/where.ts';
import { headingOf } from './next-step.ts';

/** What to type next for a feed: a command, where one helps, behind what has to be mended first. */
export const toStatusNext = (status: FeedStatus, options: string): string | undefined =>
  NEXT[status.state](status, options);

type ToNext = (status: FeedStatus, options: string) => string | undefined;

/** What starts a feed that never ran. Only one with a source of its own to ask can be triggered. */
const toFirst: ToNext = ({ feed, lands }, options) =>
  lands === undefined ? `millrace trigger ${feed}${options}` : `land a file in ${lands}`;

const toBackfillCommand = (
  feed: string,
  { from, to, partition, isAgain }: Asking,
  options: string,
): string => {
  const only = partition === undefined ? '' : ` --partition ${quoteWord(partition)}`;
  return `millrace backfill ${feed} --from ${from} --to ${to}${only}${isAgain ? ' --again' : ''}${options}`;
};

const NEXT: Readonly<Record<FeedStatus['state'], ToNext>> = {
  ok: () => undefined,
  'never ran': toFirst,
  paused: ({ feed }, options) => `millrace resume ${feed}${options}`,
  failing: ({ feed, failing, lands }, options) => {
    if (failing === undefined) return undefined;
    const reading = `docs/runbook.md, ${headingOf(failing)}`;
    // A load goes on by itself as soon as the warehouse can take it.
    if (failing.state === 'Load') return `${reading}; then millrace status ${feed}${options}`;
    const { asking } = failing;
    if (asking !== undefined) return `${reading}; then ${toBackfillCommand(feed, asking, options)}`;
    if (lands !== undefined) return `${reading}; then land the mended file in ${lands}`;
    return `${reading}; then millrace trigger ${feed}${options}`;
  },
  parked: ({ feed, parked: { oldest, batches } }, options) => {
    if (oldest === undefined) return undefined;
    const only = batches.length === 1 ? '' : ` ${oldest.batch}`;
    const redrive = `millrace redrive ${feed}${only}${options}`;
    if (oldest.error === 'TooManyRejects')
      return `millrace rejects ${feed} --batch ${oldest.batch}${options}; mend the feed; then ${redrive}`;
    const isOfDocument = oldest.batch.startsWith('f-') && fateOf(oldest.error) === 'document';
    const mend = isOfDocument ? 'land the mended file again, or mend the feed and' : 'then';
    return `docs/runbook.md, ${headingOf(oldest)}; ${mend} ${redrive}`;
  },
};
