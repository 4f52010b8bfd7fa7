import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import type { Markable } from './deployment.ts';
import { openDeployment, toClock } from './open-deployment.ts';
import { openRunningCloud } from './running-cloud.ts';
import { isOnAws, toOptions } from './where.ts';

/** Opens a deployment to be marked; of a data folder on which no cloud runs, the bucket alone is served, to this process and for as long. */
export const openToMark = async (args: VerbArguments, io: CommandIo): Promise<Markable> => {
  if (isOnAws(args)) return openDeployment(args, io);
  const data = findDataFolder(args, io);
  const of = { signal: io.signal, clock: toClock(io), options: toOptions(args) };
  const running = await openRunningCloud(data, of);
  if (running !== undefined) return running;
  const { serveBucket } = await import('./serve-bucket.ts');
  return serveBucket(data, of);
};
