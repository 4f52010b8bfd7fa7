import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openTraceStore } from '../../local/xray/trace-store.ts';
import { type CommandIo, UsageError } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import { openDeployment } from '../deployment/open-deployment.ts';
import { isOnAws } from '../deployment/where.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import type { TracedDeployment } from './show-trace.ts';

/** The deployment's records, and the traces of the local cloud's folder, whether it runs or not. */
export const openTraced = async (args: VerbArguments, io: CommandIo): Promise<TracedDeployment> => {
  if (isOnAws(args)) {
    throw new UsageError(
      'trace of a deployment on AWS is not supported yet: the X-Ray filter annotation.batch = "BATCH" finds its traces in the console',
    );
  }
  const folder = join(findDataFolder(args, io), 'traces');
  const deployment = await openDeployment(args, io);
  return {
    records: deployment.records,
    readTraces: async (ids) => {
      if (!existsSync(folder)) return [];
      const store = openTraceStore(folder);
      return ids.map((id) => store.read(id)).filter((documents) => documents.length > 0);
    },
    close: () => deployment.close(),
  };
};
