import { createWriteStream, fstatSync, openSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { makePrivateFolder, PRIVATE_FILE } from '../private-files.ts';
import type { Outcome, Timing } from './outcome.ts';

export interface InvocationReport {
  readonly call: { readonly requestId: string };
  readonly outcome: Outcome;
  readonly timing: Timing;
  readonly peakMemoryMb: number;
}

/** What functions print, one file a function, one JSON object a line. */
export interface FunctionLogs {
  line(functionName: string, line: string, stream: 'stdout' | 'stderr'): void;
  report(functionName: string, report: InvocationReport): void;
  close(): Promise<void>;
}

/** A log that has so many bytes becomes `<function>.old.ndjson`, in the place of the one before. */
const MAX_LOG_BYTES = 32 * 1024 * 1024;

interface LogFile {
  readonly stream: WriteStream;
  bytes: number;
}

/** Appends to `<folder>/<function>.ndjson`. A line that is a JSON object stays as it is; others are wrapped. */
export const openFunctionLogs = (folder: string, maxBytes = MAX_LOG_BYTES): FunctionLogs => {
  makePrivateFolder(folder);
  const files = new Map<string, LogFile>();
  const full: WriteStream[] = [];
  const open = (path: string): LogFile => {
    const fd = openSync(path, 'a', PRIVATE_FILE.mode);
    return { stream: createWriteStream(path, { fd }), bytes: fstatSync(fd).size };
  };
  const write = (functionName: string, line: string): void => {
    const path = join(folder, `${functionName}.ndjson`);
    let file = files.get(functionName) ?? open(path);
    if (file.bytes >= maxBytes) {
      // Lines on their way go with the file that they were written to, which keeps its descriptor.
      full.push(file.stream.end());
      renameSync(path, join(folder, `${functionName}.old.ndjson`));
      file = open(path);
    }
    files.set(functionName, file);
    file.bytes += Buffer.byteLength(line) + 1;
    file.stream.write(`${line}\n`);
  };
  return {
    line: (functionName, line, stream) => {
      if (line === '') return;
      const wrapped = (): string => JSON.stringify({ time: new Date().toISOString(), stream, message: line });
      write(functionName, isJsonObject(line) ? line : wrapped());
    },
    report: (functionName, { call, outcome, timing, peakMemoryMb }) => {
      const report = {
        time: new Date().toISOString(),
        type: 'platform.report',
        requestId: call.requestId,
        status: outcome.status,
        ...(outcome.status === 'error' && { errorType: outcome.errorType }),
        durationMs: timing.endedAt - timing.startedAt,
        initMs: Math.round(timing.initMs ?? 0),
        peakMemoryMb,
      };
      write(functionName, JSON.stringify(report));
    },
    close: async () => {
      const open = [...files.values()].map(({ stream }) => stream.end());
      await Promise.all([...full, ...open].map((stream) => finished(stream)));
    },
  };
};

const isJsonObject = (line: string): boolean => {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
};
