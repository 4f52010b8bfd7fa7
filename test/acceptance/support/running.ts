import { systemClock } from '../../../handlers/adapters/system-clock.ts';
import { openRunningCloud, type RunningCloud } from '../../../infra/cli/deployment/running-cloud.ts';

/** The cloud that runs on a data folder, in whatever process. */
export const openRunning = async (data: string): Promise<RunningCloud> => {
  const running = await openRunningCloud(data, { signal: new AbortController().signal, clock: systemClock });
  if (running === undefined) throw new Error(`no cloud runs on ${data}`);
  return running;
};
