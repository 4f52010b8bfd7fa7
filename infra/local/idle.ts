import { setTimeout as delay } from 'node:timers/promises';
import type { SupervisedChild } from './supervise-child.ts';

/** What has to be still for the cloud to be idle. */
export interface Activity {
  readonly children: readonly Pick<SupervisedChild, 'flush'>[];
  /** Executions due or running, and invocations. */
  busy(): number;
  /** Grows with every event and delivery. */
  turns(): number;
  /** Why the cloud cannot go on, once that is so. */
  failure(): Error | undefined;
}

/** Pause between looks: it grows, so that a long load is not asked a thousand times. */
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 100;

/**
 * Resolves when nothing is due or under way. A flush of each child comes behind all that it has sent, so when two rounds
 * of flushes in a row find nothing under way and nothing new, no event is on its way in between.
 */
export const untilIdle = async (activity: Activity, signal?: AbortSignal): Promise<void> => {
  let pause = FIRST_LOOK_MS;
  let quietSince: number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const failure = activity.failure();
    if (failure !== undefined) throw failure;
    const turns = activity.turns();
    const isQuiet =
      activity.busy() === 0 &&
      (await flushed(activity)) &&
      activity.busy() === 0 &&
      activity.turns() === turns;
    if (isQuiet && quietSince === turns) return;
    quietSince = isQuiet ? turns : undefined;
    if (isQuiet) continue;
    await delay(pause, undefined, signal === undefined ? {} : { signal });
    pause = Math.min(LAST_LOOK_MS, pause * 2);
  }
};

const flushed = async ({ children }: Activity): Promise<boolean> => {
  const busy = await Promise.all(children.map((child) => child.flush()));
  return busy.every((count) => count === 0);
};
