import type { FeedsFile } from '../../shared/feed/feed.ts';
import type { SweepInput, SweepOutput } from '../../shared/messages.ts';
import { continueLanded } from './continue-landed.ts';
import { removeOrphans } from './remove-orphans.ts';
import { settleLoads } from './settle-loads.ts';
import type { SweepPorts } from './sweep-ports.ts';

/**
 * Starts again what no event ever settled, and removes what nothing names: nothing else depends on an event arriving.
 * Every part may run at any time, also beside itself: it looks at records, and asks for what any event may ask for.
 */
export const sweep = async (_: SweepInput, feeds: FeedsFile, ports: SweepPorts): Promise<SweepOutput> => {
  const total = { continued: 0, loadsStarted: 0, settled: 0, cancelled: 0, orphansRemoved: 0 };
  for (const feed of await feedsWithState(feeds, ports)) {
    ports.signal.throwIfAborted();
    const loads = await settleLoads(feed, ports);
    total.loadsStarted += loads.loadsStarted;
    total.settled += loads.settled;
    total.cancelled += loads.cancelled;
    const definition = feeds[feed];
    if (definition !== undefined) total.continued += await continueLanded(definition, ports);
    total.orphansRemoved += await removeOrphans(feed, ports);
  }
  return total;
};

/** Feeds of today's files, and feeds that are gone from them and left work behind. */
const feedsWithState = async (feeds: FeedsFile, { records }: SweepPorts): Promise<readonly string[]> => {
  const found = new Set(Object.keys(feeds));
  for (const prefix of ['loads/', 'pending/', 'staged/']) {
    const { folders } = await records.list(prefix, '/');
    for (const folder of folders) found.add(folder.slice(prefix.length, -1));
  }
  return [...found].sort();
};
