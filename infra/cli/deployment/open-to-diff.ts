import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import type { CommandIo } from '../command-io.ts';
import { findDataFolder } from '../data-folder.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import { openDeployment } from './open-deployment.ts';
import { isOnAws } from './where.ts';

interface Compared {
  readonly records: RecordStore;
  readonly warehouse: Pick<Warehouse, 'execute'>;
  close(): Promise<void>;
}

/** Where nothing was run yet: every table is new. */
const NOTHING_RUN: Compared = {
  records: {
    read: async () => undefined,
    list: async () => ({ keys: [], folders: [] }),
    putIfAbsent: async () => undefined,
    remove: async () => {},
  },
  warehouse: { execute: async () => [] },
  close: async () => {},
};

/** As openDeployment; of a data folder in which nothing was loaded yet, what is compared is empty. */
export const openToDiff = async (args: VerbArguments, io: CommandIo): Promise<Compared> => {
  if (isOnAws(args)) return openDeployment(args, io);
  const data = findDataFolder(args, io);
  const hasSome = ['cloud.json', 'redshift/pg'].some((name) => existsSync(join(data, name)));
  return hasSome ? openDeployment(args, io) : NOTHING_RUN;
};
