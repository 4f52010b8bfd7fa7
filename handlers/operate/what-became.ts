import { toKey } from '../../shared/state/keys.ts';
import { rebuildRecord } from '../../shared/state/operate-records.ts';
import { isSwap, readRebuild } from '../rebuild/standing.ts';
import { readRecord } from '../records.ts';
import type { LookDeps } from './operate-deps.ts';
import { type BatchStory, tellBatch } from './tell-batch.ts';

/** What became of a batch that is not parked: a command that was meant for it is typed after another one has done its work. */
export interface Became {
  /** Nothing of it is left to do; else it is on its way. */
  readonly isOver: boolean;
  /** For people: the batch … */
  readonly text: string;
}

/** Undefined where the feed has no batch of that name. */
export const findWhatBecame = async (
  feed: string,
  batch: string,
  deps: LookDeps,
): Promise<Became | undefined> => {
  if (isSwap(batch)) return findSwap(feed, batch, deps);
  const story = await tellBatch(feed, batch, deps);
  return story && toBecame(story);
};

const toBecame = ({ state, loads }: BatchStory): Became => {
  const newest = loads.findLast(({ outcome }) => outcome === 'loaded' || outcome === 'in flight');
  switch (state) {
    case 'loaded':
      return {
        isOver: true,
        text:
          newest?.outcome === 'loaded'
            ? `is loaded already, by ${newest.load}${newest.settledAt === undefined ? '' : ` at ${newest.settledAt}`}`
            : 'is loaded already: it has no row',
      };
    case 'loading':
      return { isOver: false, text: `is in a load that is in flight, ${newest?.load}` };
    case 'pending':
      return { isOver: false, text: 'is sealed and waits for its load' };
    case 'cancelled':
      return { isOver: true, text: 'is of a range that was cancelled' };
    case 'reading':
      return { isOver: false, text: 'is being read' };
    case 'parked':
    case 'superseded':
    case 'skipped':
      return { isOver: false, text: `is ${state}` };
  }
};

/** The batch that ends a rebuild has no plan of its own. */
const findSwap = async (
  feed: string,
  batch: string,
  { records }: Pick<LookDeps, 'records'>,
): Promise<Became | undefined> => {
  const [, request = ''] = /^b-([0-9a-f]{12})-/.exec(batch) ?? [];
  const rebuilt = await readRecord(records, toKey({ kind: 'rebuilt', feed, request }), rebuildRecord);
  if (rebuilt !== undefined)
    return { isOver: true, text: `ends the rebuild of ${rebuilt.table}, which is over` };
  const standing = await readRebuild(feed, records);
  return standing?.request === request
    ? { isOver: false, text: `ends the rebuild of ${standing.table}, which is under way` }
    : undefined;
};
