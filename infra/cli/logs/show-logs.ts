import type { BatchTraces } from '../../../handlers/operate/find-batch-traces.ts';
import type { RecordStore } from '../../../handlers/ports/record-store.ts';
import { type CommandIo, EXIT } from '../command-io.ts';
import { findBatch } from '../trace/find-batch.ts';
import type { VerbArguments } from '../verbs/verb.ts';
import { isLineOf, type LogLine, parseLogLine, wordsOf } from './log-line.ts';

/** What log lines are read of. */
export interface LoggedDeployment {
  readonly records: RecordStore;
  /** The lines of all functions that have one of the words, in any order. */
  readLines(words: readonly string[], of: BatchTraces): AsyncIterable<string>;
  close(): Promise<void>;
}

export type OpenLogged = (args: VerbArguments, io: CommandIo) => Promise<LoggedDeployment>;

/** Lines that are held to be sorted: a batch has some lines a step. */
const MOST_LINES = 20_000;

/** `millrace logs BATCH`. Exit status 1 where a line is an error. */
export const showLogs = async (args: VerbArguments, io: CommandIo, open: OpenLogged): Promise<number> => {
  const deployment = await open(args, io);
  try {
    const found = await findBatch(args, deployment.records);
    const isOfBatch = isLineOf(found);
    const lines: LogLine[] = [];
    let isCut = false;
    for await (const text of deployment.readLines(wordsOf(found), found)) {
      io.signal.throwIfAborted();
      const line = parseLogLine(text);
      if (line === undefined || !isOfBatch(line)) continue;
      isCut = lines.length === MOST_LINES;
      if (isCut) break;
      lines.push(line);
    }
    lines.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
    const { feed, batch } = found;
    if (args.flags.has('json')) io.stdout.write(`${JSON.stringify({ feed, batch, lines, more: isCut })}\n`);
    else io.stdout.write(toText(found, lines, isCut));
    return lines.some(({ level }) => level === 'ERROR') ? EXIT.failed : EXIT.done;
  } finally {
    await deployment.close();
  }
};

const toText = ({ feed, batch }: BatchTraces, lines: readonly LogLine[], isCut: boolean): string => {
  if (lines.length === 0) return `no log line of ${feed} ${batch} is kept\n`;
  const more = isCut ? [`… and more: the first ${MOST_LINES} that were found`] : [];
  return `${[...lines.map(toLine), ...more].join('\n')}\n`;
};

/** Keys of every line, which say where it comes from and not what it says. */
const COMMON: ReadonlySet<string> = new Set([
  ...['timestamp', 'level', 'message', 'service', 'cold_start', 'sampling_rate', 'xray_trace_id', 'trace_id'],
  ...['function_arn', 'function_memory_size', 'function_name', 'function_request_id'],
  ...['feed', 'batch', 'correlation', 'generation', 'error', 'statementName'],
]);

/** What an error is called, which its message need not say. */
const tellName = ({ error }: LogLine): string => {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return typeof name === 'string' ? `${name}: ` : '';
};

const toLine = (line: LogLine): string => {
  const state = /Functions([A-Z][A-Za-z]*?)Function/.exec(String(line.function_name))?.[1];
  const own = Object.entries(line).filter(([key]) => !COMMON.has(key));
  const told = own.map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const where = state ?? String(line.function_name ?? '');
  return [line.timestamp, line.level.padEnd(5), where.padEnd(16), `${tellName(line)}${line.message}`, ...told]
    .join('  ')
    .trimEnd();
};
