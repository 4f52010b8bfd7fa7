import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
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

/** Appends to `<folder>/<function>.ndjson`. A line that is a JSON object stays as it is; others are wrapped. */
export const openFunctionLogs = (folder: string): FunctionLogs => {
  makePrivateFolder(folder);
  const files = new Map<string, WriteStream>();
  const write = (functionName: string, line: string): void => {
    const file =
      files.get(functionName) ??
      createWriteStream(join(folder, `${functionName}.ndjson`), { flags: 'a', ...PRIVATE_FILE });
    files.set(functionName, file);
    file.write(`${line}\n`);
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
      await Promise.all([...files.values()].map((file) => new Promise((resolve) => file.end(resolve))));
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
