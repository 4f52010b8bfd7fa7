import { parentPort, workerData } from 'node:worker_threads';

/**
 * A thread that ends its process once the launcher is gone, killed for instance: the main thread may be busy in a loop and
 * hear of nothing. One that ends in order says so, and is left alone.
 */
const EVERY_MS = 250;
const { parent, graceMs } = workerData;

const timer = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(timer);
  const kill = setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
  parentPort.once('message', () => clearTimeout(kill));
}, EVERY_MS);
