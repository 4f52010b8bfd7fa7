import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandIo, UsageError } from './command-io.ts';

/** The absolute path of a file that the user named. Throws UsageError that says what was looked for, and where. */
export const findInputFile = async (given: string, { cwd }: Pick<CommandIo, 'cwd'>): Promise<string> => {
  const path = resolve(cwd, given);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  if (typeof found === 'string') {
    const why = found === 'ENOENT' || found === 'ENOTDIR' ? 'is not there' : `cannot be read (${found})`;
    throw new UsageError(`${given} ${why}: tried ${path}`);
  }
  if (found.isDirectory()) throw new UsageError(`${given} is a folder, allowed a file: tried ${path}`);
  return path;
};

/** Large reads spare calls; the parser works through them in pieces. */
const READ_BYTES = 256 * 1024;

/** The bytes of a file, or of stdin where the path is `-`; closed when the reader leaves, or the command is interrupted. */
export async function* readInput(path: string, { stdin, signal }: CommandIo): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  const interrupt = (): void => void stream.destroy(new Error('interrupted'));
  signal.addEventListener('abort', interrupt);
  try {
    yield* stream;
  } finally {
    signal.removeEventListener('abort', interrupt);
    stream.destroy();
  }
}
