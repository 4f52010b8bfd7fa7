import { Worker } from 'node:worker_threads';
import { EXIT } from './command-io.ts';

/** How long a process that is busy may live on without its launcher. */
const GRACE_MS = 2000;

/**
 * In the command's process: `end` is called when a signal comes or the launcher is gone, and both who might kill the process for being
 * busy are told that it was heard. A second signal ends the process. Started by hand, without a launcher, it has signals only.
 */
export const watchLauncher = (end: (why: Error) => void, graceMs = GRACE_MS): void => {
  let isEnding = false;
  let watch: Worker | undefined;
  const begin = (why: string): void => {
    isEnding = true;
    if (process.connected) process.send?.('ending');
    watch?.postMessage('ending');
    end(new Error(why));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isEnding) process.exit(EXIT.interrupted);
      begin(`interrupted by ${signal}`);
    });
  }
  if (process.send === undefined) return;
  watch = new Worker(new URL('./end-with-parent.js', import.meta.url), {
    workerData: { parent: process.ppid, graceMs },
  });
  watch.unref();
  process.on('disconnect', () => {
    if (!isEnding) begin('the command was killed');
  });
  process.channel?.unref();
};
