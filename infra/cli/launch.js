import { spawn } from 'node:child_process';

/** How long a process may take to say that it heard a signal: one that is busy in a loop never does. */
const GRACE_MS = 2000;

/**
 * Runs the command in a process of its own and ends with its status. A signal is passed on; a process that says
 * nothing in time is killed, since what is busy in a loop runs no handler. A second signal waits no longer.
 */
export const launch = (node, args, graceMs = GRACE_MS) => {
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  let timer;
  let isInterrupted = false;
  const kill = () => child.kill('SIGKILL');
  const onSignal = (signal) => {
    // A terminal sends Ctrl-C to both.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    if (isInterrupted) clearTimeout(timer);
    timer = setTimeout(kill, isInterrupted ? graceMs / 4 : graceMs);
    isInterrupted = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  // Its only message: it heard the signal, and ends in order.
  child.on('message', () => clearTimeout(timer));
  child.on('error', (error) => {
    process.stderr.write(`millrace: ${node} does not start: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (isInterrupted && signal !== null) process.stderr.write('millrace: interrupted\n');
    process.exit(isInterrupted && signal !== null ? 130 : (code ?? 1));
  });
};
