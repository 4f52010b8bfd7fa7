import { appendFileSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { makePrivateFolder, PRIVATE_FILE } from '../private-files.ts';
import { type Segment, segment } from './segment.ts';

/** Traces kept, and bytes of each; what is over is dropped, the oldest trace first (their ids begin with their time). */
const MAX_TRACES = 2000;
const MAX_TRACE_BYTES = 16 * 1024 * 1024;

export interface TraceStore {
  /** Appends a document to its trace. */
  append(document: Segment): void;
  /** The documents of a trace as they came; empty for an unknown one. */
  read(traceId: string): Segment[];
  /** Ids of the traces kept, the oldest first. */
  list(): string[];
}

/** Keeps each trace as a file of JSON lines in a folder; whoever is killed leaves whole lines and at most one torn one. */
export const openTraceStore = (dir: string): TraceStore => {
  makePrivateFolder(dir);
  const sizes = new Map(filesOf(dir).map((id) => [id, statSync(pathOf(dir, id)).size]));
  return {
    append: (document) => {
      const id = document.trace_id;
      const line = `${JSON.stringify(document)}\n`;
      const size = (sizes.get(id) ?? 0) + Buffer.byteLength(line);
      if (size > MAX_TRACE_BYTES) return;
      sizes.set(id, size);
      appendFileSync(pathOf(dir, id), line, PRIVATE_FILE);
      if (sizes.size <= MAX_TRACES) return;
      for (const old of [...sizes.keys()].sort().slice(0, MAX_TRACES / 10)) {
        sizes.delete(old);
        rmSync(pathOf(dir, old), { force: true });
      }
    },
    read: (id) => (sizes.has(id) ? readFileSync(pathOf(dir, id), 'utf8').split('\n').flatMap(parseLine) : []),
    list: () => [...sizes.keys()].sort(),
  };
};

const SUFFIX = '.ndjson';

const pathOf = (dir: string, id: string): string => join(dir, `${id}${SUFFIX}`);

const filesOf = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));

const torn = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});

const parseLine = (line: string): Segment[] => {
  const parsed = torn.pipe(segment).safeParse(line);
  return parsed.success ? [parsed.data] : [];
};
