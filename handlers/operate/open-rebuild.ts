import type { Feed } from '../../shared/model/feed.ts';
import { isOfRange } from '../../shared/state/backfill.ts';
import { isRead, readReach } from '../rebuild/reach.ts';
import { readRebuild } from '../rebuild/standing.ts';
import { batchOf, toIso } from './dated-records.ts';
import type { LookDeps } from './operate-deps.ts';

/** A rebuild of a feed's tables that is under way. */
export interface OpenRebuild {
  readonly table: string;
  readonly request: string;
  readonly asked: string;
  /** The feed was changed since: nothing of it is read or loaded until a person says what is meant. */
  readonly isChanged: boolean;
  readonly from: string;
  readonly to: string;
  /** All before it is sealed; undefined of landed files, which have no order. */
  readonly sealedTo: string | undefined;
  /** Of landed files, how many there are and how many are not sealed. */
  readonly objects: { readonly all: number; readonly left: number } | undefined;
  /** All is sealed: what is left is to be loaded, and to take its place. */
  readonly isRead: boolean;
  /** Its batches that wait for a load. */
  readonly pending: number;
  /** The batch that a person has to give back first. */
  readonly parked: string | undefined;
}

/** Of a feed; undefined where none is under way. */
export const readOpenRebuild = async (
  name: string,
  feed: Feed | undefined,
  { records }: Pick<LookDeps, 'records'>,
): Promise<OpenRebuild | undefined> => {
  const rebuild = await readRebuild(name, records);
  if (rebuild === undefined || feed === undefined) return undefined;
  const { table, request, asked, from, contract } = rebuild;
  const reach = await readReach(feed, rebuild, records);
  const isOwn = (key: string): boolean => isOfRange(batchOf(key) ?? '', rebuild);
  const listed = await Promise.all([`pending/${name}/`, `parked/${name}/`].map((of) => records.list(of)));
  const [pending = [], parked = []] = listed.map(({ keys }) => keys.filter(isOwn));
  return {
    ...{ table, request, asked, from, isChanged: contract !== feed.contract.hash },
    to: toIso(reach.toMs),
    sealedTo: reach.objects === undefined ? toIso(reach.sealedToMs) : undefined,
    objects: reach.objects === undefined ? undefined : { all: reach.objects, left: reach.missing.length },
    ...{ isRead: isRead(reach), pending: pending.length },
    parked: parked[0] === undefined ? undefined : batchOf(parked[0]),
  };
};
