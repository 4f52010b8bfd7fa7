import { basename } from 'node:path';
import type { Clock } from '../local/clock.ts';
import type { CloudClients } from './aws-clients.ts';

export interface LandedFile {
  readonly feed: string;
  readonly path: string;
}

/**
 * Puts files into `landing/`, in their order. Which version of a key is newer is told by the object's LastModified, and that has whole
 * seconds: two files of one feed are put in different ones, so that the last one given wins.
 */
export const landFiles = async (
  { clients, clock }: { readonly clients: Pick<CloudClients, 'upload'>; readonly clock: Clock },
  files: readonly LandedFile[],
  signal: AbortSignal,
): Promise<void> => {
  const putAt = new Map<string, number>();
  for (const { feed, path } of files) {
    const last = putAt.get(feed);
    if (last !== undefined) await untilSecond(last + 1, clock, signal);
    await clients.upload(`landing/${feed}/${basename(path)}`, path);
    putAt.set(feed, Math.floor(clock.now() / 1000));
  }
};

/** A timer may end a little early by the clock, so it is looked at again. */
const untilSecond = async (second: number, clock: Clock, signal: AbortSignal): Promise<void> => {
  while (clock.now() < second * 1000) await clock.sleep(second * 1000 - clock.now(), signal);
};
