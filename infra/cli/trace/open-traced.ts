import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openTraceStore } from '../../local/xray/trace-store.ts';
import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import { openDeployment } from '../deployment/open-deployment.ts';
import { isOnAws } from '../deployment/where.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import type { TracedDeployment } from './show-trace.ts';
import type { ReadTraces } from './waterfall.ts';

/** The deployment's records, and its traces. */
export const openTraced = async (args: VerbArguments, io: CommandIo): Promise<TracedDeployment> => {
  const { records, close } = await openDeployment(args, io);
  return { records, readTraces: await findTraces(args, io), close };
};

/** The traces of a deployment: of X-Ray, or of the local cloud's folder, whether it runs or not. */
export const findTraces = async (args: VerbArguments, io: CommandIo): Promise<ReadTraces> => {
  if (isOnAws(args)) {
    const { openCaller } = await import('../deployment/signed-call.ts');
    const { readXrayTraces } = await import('./xray-traces.ts');
    return readXrayTraces(await openCaller(args, io));
  }
  const folder = join(findDataFolder(args, io), 'traces');
  return async (ids) => {
    if (!existsSync(folder)) return [];
    const store = openTraceStore(folder);
    return ids.map((id) => store.read(id)).filter((documents) => documents.length > 0);
  };
};
