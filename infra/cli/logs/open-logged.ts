import { join } from 'node:path';
import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import { openDeployment } from '../deployment/open-deployment.ts';
import { isOnAws } from '../deployment/where.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';
import { readFunctionLogs } from './read-function-logs.ts';
import type { LoggedDeployment } from './show-logs.ts';

/** The deployment's records, and its functions' logs: of CloudWatch, or of the local cloud's folder, whether it runs or not. */
export const openLogged = async (args: VerbArguments, io: CommandIo): Promise<LoggedDeployment> => {
  if (isOnAws(args)) return openOnAws(args, io);
  const folder = join(findDataFolder(args, io), 'logs');
  const deployment = await openDeployment(args, io);
  return {
    records: deployment.records,
    readLines: (words) => readFunctionLogs(folder, words),
    close: () => deployment.close(),
  };
};

const openOnAws = async (args: VerbArguments, io: CommandIo): Promise<LoggedDeployment> => {
  const { openCaller } = await import('../deployment/signed-call.ts');
  const { namesOf } = await import('../deployment/find-on-aws.ts');
  const { readCloudWatchLogs } = await import('./cloudwatch-logs.ts');
  const { records, close } = await openDeployment(args, io);
  const call = await openCaller(args, io);
  // CloudFormation names a log group by its stack and by its place in that; the functions' place is ours.
  const { pipeline } = namesOf(firstValue(args, 'env') ?? '').stacks;
  return {
    records,
    readLines: (words, { since }) =>
      readCloudWatchLogs(call, { prefix: `${pipeline}-Functions`, words, sinceMs: Date.parse(since) }),
    close,
  };
};
