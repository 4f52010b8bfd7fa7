import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandIo, UsageError } from './command-io.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** Where the local cloud keeps its state; it need not be there yet. Throws UsageError where it can be no folder, or is closed to this user. */
export const findDataFolder = (
  args: VerbArguments,
  { cwd }: Pick<CommandIo, 'cwd'>,
  isReadable = canRead,
): string => {
  const given = firstValue(args, 'data') ?? '.millrace';
  const path = resolve(cwd, given);
  const found = look(path);
  if (found === 'folder' && !isReadable(path)) {
    const [owner, user] = [statSync(path).uid, process.getuid?.()];
    throw new UsageError(
      `--data ${given} cannot be read by this user (id ${user}), it is that of user id ${owner}: run as that user, or give another --data; tried ${path}`,
    );
  }
  if (found === 'absent' || found === 'folder') return path;
  throw new UsageError(`--data ${given} ${found}, allowed a folder: tried ${path}`);
};

/** Whether this user may list a folder and open what is in it. */
const canRead = (folder: string): boolean => {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const look = (path: string): string => {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'is a file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    if (code === 'ENOENT') return 'absent';
    return code === 'ENOTDIR' ? 'lies below a file' : `cannot be read (${code})`;
  }
};
