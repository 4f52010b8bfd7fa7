import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import type { Deployment } from './deployment.ts';
import { openFolderAtRest } from './folder-at-rest.ts';
import { type LocalOptions, openRunningCloud } from './running-cloud.ts';
import { isOnAws, toOptions } from './where.ts';

/** Opens the deployment that a command line names: on AWS, or the local cloud, running or not. Close it in any case. */
export const openDeployment = async (args: VerbArguments, io: CommandIo): Promise<Deployment> => {
  const of = { signal: io.signal, clock: toClock(io), options: toOptions(args) };
  if (isOnAws(args)) {
    const { openOnAws } = await import('./on-aws.ts');
    return openOnAws(args, of);
  }
  return openLocal(findDataFolder(args, io), of);
};

/** The cloud that runs on a data folder, else the folder itself. */
export const openLocal = async (data: string, options: LocalOptions): Promise<Deployment> => {
  const running = await openRunningCloud(data, options);
  if (running === undefined) return openFolderAtRest(data, options);
  return {
    ...running,
    query: async (sql) => {
      await admit(sql);
      return running.query(sql);
    },
  };
};

/** A question is one, whoever answers it: the Data API of a cloud that runs takes statements that change something, too. */
const admit = async (sql: string): Promise<void> => {
  const { admitQuery } = await import('../../local/redshift/sql/gate.ts');
  await admitQuery(sql);
};

/** What the process says of the time. */
export const toClock = ({ now, sleep }: Pick<CommandIo, 'now' | 'sleep'>): LocalOptions['clock'] => ({
  now,
  sleep: (ms) => sleep(ms),
});
