import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CommandIo } from './command-io.ts';

/**
 * Asks on the terminal for a line each, which is not shown and not remembered. Answers fewer lines when asked to stop by `isEnough`,
 * undefined when the asking was broken off: Ctrl-C, Ctrl-D or an ended terminal.
 */
export const askHidden = (
  questions: readonly string[],
  { stdin, stderr, signal }: Pick<CommandIo, 'stdin' | 'stderr' | 'signal'>,
  isEnough: (answers: readonly string[]) => boolean,
): Promise<readonly string[] | undefined> => {
  const { promise, resolve } = Promise.withResolvers<readonly string[] | undefined>();
  const answers: string[] = [];
  // readline echoes what is typed to its output: that goes nowhere. As a terminal it takes the echo of the system away, too.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
  const ask = (): void => void stderr.write(`${questions[answers.length]}: `);
  const close = (): void => lines.close();
  signal.addEventListener('abort', close, { once: true });
  lines.on('line', (line) => {
    // Lines that were typed ahead of the last one, or pasted behind it, are nobody's.
    if (answers.length === questions.length || isEnough(answers)) return;
    answers.push(line);
    stderr.write('\n');
    if (answers.length === questions.length || isEnough(answers)) lines.close();
    else ask();
  });
  lines.on('SIGINT', close);
  lines.on('close', () => {
    signal.removeEventListener('abort', close);
    const isDone = answers.length === questions.length || isEnough(answers);
    if (!isDone) stderr.write('\n');
    resolve(isDone ? answers : undefined);
  });
  ask();
  return promise;
};
