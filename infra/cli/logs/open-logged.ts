import { join } from 'node:path';
import { type CommandIo, UsageError } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import { openDeployment } from '../deployment/open-deployment.ts';
import { isOnAws } from '../deployment/where.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import { readFunctionLogs } from './read-function-logs.ts';
import type { LoggedDeployment } from './show-logs.ts';

/** The deployment's records, and the functions' logs of the local cloud's folder, whether it runs or not. */
export const openLogged = async (args: VerbArguments, io: CommandIo): Promise<LoggedDeployment> => {
  if (isOnAws(args)) {
    throw new UsageError(
      'logs of a deployment on AWS is not supported yet: the saved query "lines of one batch" of CloudWatch Logs Insights finds them',
    );
  }
  const folder = join(findDataFolder(args, io), 'logs');
  const deployment = await openDeployment(args, io);
  return {
    records: deployment.records,
    readLines: (words) => readFunctionLogs(folder, words),
    close: () => deployment.close(),
  };
};
