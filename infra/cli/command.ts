import { FeedProblems } from '../feed-problems.ts';
import { type CommandLine, parseCommandLine } from './arguments.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { toHelp, toVerbHelp } from './help.ts';
import { VERBS, type VerbName } from './verbs/registry.ts';
import type { Verb } from './verbs/verb.ts';

type Verbs = Readonly<Record<VerbName, Verb>>;

/** Runs one command line to its exit status; whatever goes wrong is told on stderr, once. */
export const runCommand = async (
  argv: readonly string[],
  io: CommandIo,
  version: string,
  verbs: Verbs = VERBS,
): Promise<number> => {
  try {
    return await dispatch(parseCommandLine(argv), io, verbs, version);
  } catch (error) {
    return tell(error, io);
  }
};

const dispatch = async (line: CommandLine, io: CommandIo, verbs: Verbs, version: string): Promise<number> => {
  if (line.kind === 'verb') return verbs[line.verb].run(line, io);
  if (line.kind === 'version') io.stdout.write(`${version}\n`);
  else io.stdout.write(line.verb === undefined ? toHelp() : toVerbHelp(line.verb));
  return EXIT.done;
};

const tell = (error: unknown, io: CommandIo): number => {
  if (io.signal.aborted) {
    io.stderr.write('millrace: interrupted\n');
    return EXIT.interrupted;
  }
  if (error instanceof FeedProblems) {
    for (const line of error.lines) io.stderr.write(`${line}\n`);
    return EXIT.wrong;
  }
  if (error instanceof UsageError) {
    io.stderr.write(`millrace: ${error.message}\n`);
    return EXIT.wrong;
  }
  io.stderr.write(`millrace: ${toMessage(error, io)}\n`);
  return EXIT.failed;
};

/** MILLRACE_DEBUG shows where an error came from, and what caused it. */
const toMessage = (error: unknown, { env }: CommandIo): string => {
  if (!(error instanceof Error)) return String(error);
  return (env.MILLRACE_DEBUG ?? '') === '' ? error.message : (error.stack ?? error.message);
};
