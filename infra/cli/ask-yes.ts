import { createInterface } from 'node:readline/promises';
import { type CommandIo, UsageError } from './command-io.ts';

/** Asks a person on the terminal; only `y` and `yes` are a yes. Throws UsageError where there is no terminal to ask on. */
export const askYes = async (question: string, { stdin, stderr, signal }: CommandIo): Promise<boolean> => {
  if (stdin.isTTY !== true) throw new UsageError(`${question} There is no terminal to ask on: add --yes`);
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
};
