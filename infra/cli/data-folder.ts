import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandIo, UsageError } from './command-io.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** Where the local cloud keeps its state; it need not be there yet. Throws UsageError where it can be no folder. */
export const findDataFolder = (args: VerbArguments, { cwd }: Pick<CommandIo, 'cwd'>): string => {
  const given = firstValue(args, 'data') ?? '.millrace';
  const path = resolve(cwd, given);
  const found = look(path);
  if (found === 'absent' || found === 'folder') return path;
  throw new UsageError(`--data ${given} ${found}, allowed a folder: tried ${path}`);
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
