import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second that Linux counts processes' time in. */
const TICKS = 100;

interface Status {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

/** A process that ended meanwhile, or belongs to somebody else, has no text. */
const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** proc_pid_stat(5); its second field, the name, may hold blanks and ends with the last bracket. */
const readStatus = (pid: number): Status | undefined => {
  const text = readText(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, parent: Number(fields[1]), seconds: ticks / TICKS };
};

/** Processor seconds of the children that have ended and were waited for; undefined where /proc is not. A busy machine leaves them as they are. */
export const readWaitedSeconds = (): number | undefined => {
  const text = readText('/proc/self/stat');
  if (text === '') return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
};

/** A function's environment bears the function's name without the stack's and the hash; a service, its folder's. */
const nameOf = (pid: number): string => {
  const fn = /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(readText(`/proc/${pid}/environ`))?.[1];
  if (fn !== undefined) return fn.replace(/^.*?-/, '').replace(/[0-9A-F]{8}-?.*$/, '');
  return /local\/(\w+)\/process\.ts/.exec(readText(`/proc/${pid}/cmdline`))?.[1] ?? 'other';
};

/** Processor seconds that this process and those below it have taken, by what they are; undefined where /proc is not. */
export const readProcessorSeconds = (): Readonly<Record<string, number>> | undefined => {
  if (!existsSync('/proc/self/stat')) return undefined;
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStatus(Number(name)))
    .filter((status) => status !== undefined);
  const family = new Set([process.pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const seconds: Record<string, number> = {};
  for (const status of all.filter(({ pid }) => family.has(pid))) {
    const name = status.pid === process.pid ? 'orchestrator' : nameOf(status.pid);
    seconds[name] = (seconds[name] ?? 0) + status.seconds;
  }
  return seconds;
};
