import { readFileSync } from 'node:fs';
import { systemClock } from '../../handlers/adapters/system-clock.ts';
import { runCommand } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT } from './command-io.ts';
import { watchLauncher } from './watch-launcher.ts';

/** The process around the command: its streams, its signals. */

// Of this process alone: synthesis is remembered by the variables that it sees, and sets its own.
delete process.env.NODE_COMPILE_CACHE;

const controller = new AbortController();
/** The first Ctrl-C ends the work in order; the second ends the process. */
watchLauncher((why) => {
  // Below the progress line and the terminal's ^C.
  process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}millrace: interrupted, ending …\n`);
  controller.abort(why);
});
// A reader that has seen enough (`| head`) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  process.stderr.write(`millrace: stdout cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
});

const startedAt = Date.now() - process.uptime() * 1000;

const io: CommandIo = {
  // Only who reads it opens it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: controller.signal,
  startedAt,
  now: () => startedAt + process.uptime() * 1000,
  every: (ms, action) => {
    const timer = setInterval(action, ms).unref();
    return () => clearInterval(timer);
  },
  sleep: (ms) => systemClock.sleep(ms, controller.signal),
};

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// Behind all that was written; a connection that a verb left open does not hold the process.
const end = (status: number): boolean => process.stdout.write('', () => process.exit(status));
runCommand(process.argv.slice(2), io, version).then(end);
