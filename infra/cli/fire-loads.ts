import * as z from 'zod';
import { EVENT } from '../../shared/state/messages.ts';
import type { LocalCloud } from '../local/local-cloud.ts';

const loadSchedule = z.object({
  'detail-type': z.literal(EVENT.loadDue),
  detail: z.object({ feed: z.string() }),
});

/** Fires the load schedules of feeds, of those that have one: nobody who runs feeds waits for their cadence. Answers how many. */
export const fireLoads = async (
  cloud: Pick<LocalCloud, 'schedules' | 'fireSchedule'>,
  feeds: ReadonlySet<string>,
  at: Date,
): Promise<number> => {
  const due = cloud.schedules().filter(({ input }) => {
    const parsed = loadSchedule.safeParse(JSON.parse(input));
    return parsed.success && feeds.has(parsed.data.detail.feed);
  });
  for (const { name } of due) await cloud.fireSchedule(name, at);
  return due.length;
};
