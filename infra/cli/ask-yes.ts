import { createInterface } from 'node:readline/promises';
import { type CommandIo, UsageError } from './command-io.ts';

/**
 * Asks a person on the terminal; only `y` and `yes` are a yes, and an ended terminal is none. Throws UsageError where there is no
 * terminal to ask on, and the signal's reason.
 */
export const askYes = async (
  question: string,
  { stdin, stderr, signal }: Pick<CommandIo, 'stdin' | 'stderr' | 'signal'>,
): Promise<boolean> => {
  if (stdin.isTTY !== true) throw new UsageError(`${question} There is no terminal to ask on: add --yes`);
  const lines = createInterface({ input: stdin, output: stderr });
  // A question to a terminal that ends is never answered.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
};
