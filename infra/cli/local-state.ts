import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OperateDeps } from '../../handlers/operate/list-rejects.ts';
import type { RecordStore } from '../../handlers/ports/record-store.ts';
import type { CloudClients } from './aws-clients.ts';
import { UsageError } from './command-io.ts';
import { openRunningCloud } from './local-warehouse.ts';

/** The state of the local cloud, to be read: of the cloud that runs on a data folder, else of the folder itself. */
export interface LocalState extends OperateDeps {
  close(): void;
}

const refuseWrites = (): never => {
  throw new Error('the state is read only here');
};

const readOnly = (records: Pick<RecordStore, 'read' | 'list'>): RecordStore => ({
  ...records,
  putIfAbsent: refuseWrites,
  remove: refuseWrites,
});

export const openLocalState = async (data: string): Promise<LocalState> => {
  const running = await openRunningCloud(data);
  return running === undefined ? openFolder(data) : ofRunning(running);
};

const ofRunning = (clients: CloudClients): LocalState => ({
  records: readOnly(clients.records),
  open: clients.open,
  close: clients.close,
});

const openFolder = async (data: string): Promise<LocalState> => {
  const [dir, assembly] = [join(data, 's3'), join(data, 'cdk.out')];
  if (!existsSync(dir) || !existsSync(assembly)) {
    throw new UsageError(
      `nothing was run in ${data}: tried ${dir}; run a feed first, or name its folder with --data`,
    );
  }
  const { lockFolder } = await import('../local/take-lock.ts');
  const lock = lockFolder(data);
  try {
    const { readAssembly } = await import('../local/assembly/assembly.ts');
    const { openS3Folder } = await import('../local/s3/read-folder.ts');
    const { buckets } = await readAssembly(assembly);
    // The app has one other bucket: the state bucket's access logs.
    const bucket = buckets.find(({ name }) => !/accesslogs/i.test(name))?.name ?? '';
    const folder = openS3Folder(dir, bucket);
    const open = async (key: string) => folder.open(key);
    const close = (): void => {
      folder.close();
      lock.release();
    };
    const read = async (key: string): Promise<string | undefined> => toText(folder.open(key));
    return { records: readOnly({ read, list: async (...of) => folder.list(...of) }), open, close };
  } catch (error) {
    lock.release();
    throw error;
  }
};

const toText = async (bytes: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> => {
  if (bytes === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
