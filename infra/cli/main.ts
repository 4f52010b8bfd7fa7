import { readFileSync } from 'node:fs';
import { runCommand, type Verbs } from './command.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT } from './command-io.ts';
import { watchLauncher } from './watch-launcher.ts';

/** The process around the command: its streams, its signals, its verbs. */

const controller = new AbortController();
/** The first Ctrl-C ends the work in order; the second ends the process. */
watchLauncher((why) => controller.abort(why));
// A reader that has seen enough (`| head`) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

const io: CommandIo = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: controller.signal,
  startedAt: performance.timeOrigin,
  now: () => performance.timeOrigin + performance.now(),
  every: (ms, action) => {
    const timer = setInterval(action, ms).unref();
    return () => clearInterval(timer);
  },
};

/** Verbs are loaded when they are called: `--help` needs no cloud. */
const verbs: Verbs = {
  demo: async (args) =>
    (await import('./demo.ts')).demo(args, io, (await import('./local-parts.ts')).localParts(io)),
  run: async (args) =>
    (await import('./run.ts')).run(args, io, (await import('./local-parts.ts')).localParts(io)),
  convert: async (args) => (await import('./convert.ts')).convert(args, io),
  infer: async (args) => (await import('./infer.ts')).infer(args, io),
  query: async (args) =>
    (await import('./query.ts')).query(args, io, (await import('./local-warehouse.ts')).openLocalWarehouse),
  validate: async (args) => (await import('./validate.ts')).validate(args, io),
};

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const status = await runCommand(process.argv.slice(2), io, verbs, version);
// Behind all that was written; a connection that a verb left open does not hold the process.
process.stdout.write('', () => process.exit(status));
