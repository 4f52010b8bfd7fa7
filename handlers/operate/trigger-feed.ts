import { EVENT } from '../../shared/state/messages.ts';
import type { ChangeDeps } from './operate-deps.ts';

/** Starts Extract for a feed as its schedule does, as of now: by the event that continues a chain, as its first link. */
export const triggerFeed = async (
  feed: string,
  { compares }: { readonly compares: boolean },
  { events, clock }: Pick<ChangeDeps, 'events' | 'clock'>,
): Promise<void> => {
  const scheduledTime = new Date(clock.now()).toISOString();
  await events.put(EVENT.continue, {
    ...{ feed, scheduledTime, generation: 0 },
    ...(compares ? { compares } : {}),
  });
};
