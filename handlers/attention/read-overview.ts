import { parseKeyIfOurs } from '../../shared/state/keys.ts';
import type { RecordStore } from '../ports/record-store.ts';

/** What few lists tell of all feeds, so that those in order cost no list of their own. */
export interface Overview {
  /** Batches that wait for a person, by feed; those that a person skips are left out. */
  readonly parked: ReadonlyMap<string, readonly string[]>;
  readonly skipped: ReadonlyMap<string, ReadonlySet<string>>;
  readonly marks: ReadonlyMap<string, readonly string[]>;
  /** Words of the needs that are entered. */
  readonly told: ReadonlyMap<string, readonly string[]>;
  readonly paused: ReadonlySet<string>;
  /** Feeds that ever failed, and those whose source ever said that nothing is new. */
  readonly failed: ReadonlySet<string>;
  readonly unchanged: ReadonlySet<string>;
}

/** Reads it: seven LISTs, and one more for each thousand keys. */
export const readOverview = async (records: RecordStore): Promise<Overview> => {
  const parked = new Map<string, string[]>();
  const skipped = new Map<string, Set<string>>();
  const marks = new Map<string, string[]>();
  const told = new Map<string, string[]>();
  const paused = new Set<string>();
  const add = (to: Map<string, string[]>, feed: string, what: string): void => {
    const before = to.get(feed);
    if (before === undefined) to.set(feed, [what]);
    else before.push(what);
  };
  for (const prefix of ['skipped/', 'parked/', 'marks/', 'attention/', 'paused/']) {
    for (const key of (await records.list(prefix)).keys) {
      const name = parseKeyIfOurs(key);
      if (name?.kind === 'skipped')
        skipped.set(name.feed, (skipped.get(name.feed) ?? new Set()).add(name.batch));
      else if (name?.kind === 'parked') {
        if (skipped.get(name.feed)?.has(name.batch) !== true) add(parked, name.feed, name.batch);
      } else if (name?.kind === 'mark') add(marks, name.feed, name.mark);
      else if (name?.kind === 'attention' && name.phase === 'entered') add(told, name.feed, name.need);
      else if (name?.kind === 'paused') paused.add(name.feed);
    }
  }
  const [failed, unchanged] = [await foldersOf('failures/', records), await foldersOf('unchanged/', records)];
  return { parked, skipped, marks, told, paused, failed, unchanged };
};

const foldersOf = async (prefix: string, records: RecordStore): Promise<ReadonlySet<string>> => {
  const { folders } = await records.list(prefix, '/');
  return new Set(folders.map((folder) => folder.slice(prefix.length, -1)));
};
