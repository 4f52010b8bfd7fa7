import type { Feed, FeedsFile } from '../../shared/model/feed.ts';
import type { LookDeps } from './operate-deps.ts';

export interface KnownFeed {
  readonly name: string;
  /** As it is deployed; undefined where the deployment does not run it. */
  readonly feed: Feed | undefined;
}

/** The feeds that a deployment runs, and those that it ran: whatever has a plan, or waits for a person or a load. */
export const listFeeds = async (
  deployed: FeedsFile | undefined,
  { records }: Pick<LookDeps, 'records'>,
): Promise<readonly KnownFeed[]> => {
  const names = new Set(Object.keys(deployed ?? {}));
  for (const prefix of ['plans/', 'pending/', 'parked/', 'failures/', 'paused/'])
    for (const entry of await namesBelow(prefix, records)) names.add(entry);
  return [...names].sort().map((name) => ({ name, feed: deployed?.[name] }));
};

/** `<prefix><feed>/…` and `<prefix><feed>.json`. */
const namesBelow = async (prefix: string, records: LookDeps['records']): Promise<readonly string[]> => {
  const { keys, folders } = await records.list(prefix, '/');
  return [...folders, ...keys].map((text) => text.slice(prefix.length).replace(/\/$|\.json$/, ''));
};
