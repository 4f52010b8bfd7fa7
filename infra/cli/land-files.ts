import { basename } from 'node:path';
import type { Landing } from '../../shared/model/landing.ts';
import type { Clock } from '../local/clock.ts';
import type { Shore } from './deployment/shore.ts';

export interface LandedFile {
  readonly feed: string;
  readonly path: string;
  readonly landing: Landing;
}

interface Landable {
  readonly shore: Shore;
  readonly clock: Clock;
}

/**
 * Puts files where their feeds read, in their order. Which version of a row's key is newer is told by the object's LastModified, and that
 * has whole seconds. So each file of a feed gets a second of its own, later than those of all files before it: the seconds
 * that ended just now, as far as they are free. It waits only where files came faster than a second each up to now.
 */
export const landFiles = async (
  site: Landable,
  files: readonly LandedFile[],
  signal: AbortSignal,
): Promise<void> => {
  for (const feed of new Set(files.map((file) => file.feed))) {
    const ofFeed = files.filter((file) => file.feed === feed);
    const landing = ofFeed[0]?.landing;
    if (landing === undefined) continue;
    await landFeed(
      site,
      landing,
      ofFeed.map(({ path }) => path),
      signal,
    );
  }
};

const landFeed = async (
  { shore, clock }: Landable,
  { bucket, prefix }: Landing,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const last = Math.floor(((await shore.newestPut(prefix, bucket)) ?? 0) / 1000);
  const first = Math.max(last + 1, Math.floor(clock.now() / 1000) - paths.length + 1);
  for (const [index, path] of paths.entries()) {
    signal.throwIfAborted();
    await untilSecond(first + index, clock, signal);
    await shore.upload(`${prefix}${basename(path)}`, path, (first + index) * 1000, bucket);
  }
};

/** A timer may end a little early by the clock, so it is looked at again. */
const untilSecond = async (second: number, clock: Clock, signal: AbortSignal): Promise<void> => {
  while (clock.now() < second * 1000) await clock.sleep(second * 1000 - clock.now(), signal);
};
