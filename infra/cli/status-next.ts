import type { FeedStatus } from '../../handlers/operate/read-status.ts';
import { fateOf } from '../../shared/fates.ts';
import { headingOf } from './next-step.ts';

/** What to type next for a feed: a command, where one helps, behind what has to be mended first. */
export const toStatusNext = (status: FeedStatus, options: string): string | undefined =>
  NEXT[status.state](status, options);

type ToNext = (status: FeedStatus, options: string) => string | undefined;

const NEXT: Readonly<Record<FeedStatus['state'], ToNext>> = {
  ok: () => undefined,
  'never ran': ({ feed }, options) => `npx millrace trigger ${feed}${options}`,
  paused: ({ feed }, options) => `npx millrace resume ${feed}${options}`,
  failing: ({ feed, failing }, options) => {
    if (failing === undefined) return undefined;
    const reading = `docs/runbook.md, ${headingOf(failing)}`;
    // A load goes on by itself as soon as the warehouse can take it.
    if (failing.state === 'Load') return `${reading}; then npx millrace status ${feed}${options}`;
    return `${reading}; then npx millrace trigger ${feed}${options}`;
  },
  parked: ({ feed, parked: { oldest, batches } }, options) => {
    if (oldest === undefined) return undefined;
    const only = batches.length === 1 ? '' : ` ${oldest.batch}`;
    const redrive = `npx millrace redrive ${feed}${only}${options}`;
    if (oldest.error === 'TooManyRejects')
      return `npx millrace rejects ${feed} --batch ${oldest.batch}${options}; mend the feed; then ${redrive}`;
    const isOfDocument = oldest.batch.startsWith('f-') && fateOf(oldest.error) === 'document';
    const mend = isOfDocument ? 'land the mended file again, or mend the feed and' : 'then';
    return `docs/runbook.md, ${headingOf(oldest)}; ${mend} ${redrive}`;
  },
};
