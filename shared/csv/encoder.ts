import { Worker } from 'node:worker_threads';
import { type CsvRow, type CsvRules, toCsv } from './stringify.ts';

/** Encodes batches of rows as CSV bytes; batches may be given before the earlier ones are done. */
export interface CsvEncoder {
  encode(rows: readonly CsvRow[], rules: CsvRules): Promise<Uint8Array>;
}

/** Encodes on the calling thread: for a single core, where handing rows over costs more than it spares. */
export const inlineEncoder: CsvEncoder = {
  encode: async (rows, rules) => Buffer.from(toCsv(rows, rules)),
};

/** Rows as one string, which threads hand over by a copy of memory: XML 1.0 has none of these characters, so no value does. */
const UNIT = '\u001f';
const RECORD = '\u001e';
const EMPTY = '\u0001';

const markEmpty = (row: CsvRow): CsvRow =>
  row.includes('') ? row.map((value) => (value === '' ? EMPTY : value)) : row;

/** NULL is nothing between two separators, the empty string a mark. */
export const packRows = (rows: readonly CsvRow[]): string =>
  rows.map((row) => markEmpty(row).join(UNIT)).join(RECORD);

export const unpackRows = (packed: string): CsvRow[] =>
  packed
    .split(RECORD)
    .map((row) => row.split(UNIT).map((value) => (value === '' ? null : value === EMPTY ? '' : value)));

/** What the two threads say to each other. */
export interface EncodeRequest {
  readonly id: number;
  readonly packed: string;
  readonly rules: CsvRules;
}
export type EncodeReply =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly error: string };

export interface WorkerEncoder extends CsvEncoder {
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Encodes on another core. `entry` is the worker's file: encode-worker.ts, or what a bundler made of it. The thread holds the
 * process open only while batches are under way; when it dies, they and all later ones fail.
 */
export const openWorkerEncoder = (entry: URL): WorkerEncoder => {
  const worker = new Worker(entry);
  const pending = new Map<number, Pending>();
  let next = 0;
  let failure: Error | undefined;
  worker.unref();
  worker.on('message', (reply: EncodeReply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) worker.unref();
    if ('bytes' in reply) waiting?.resolve(reply.bytes);
    else waiting?.reject(new Error(`the CSV encoder failed: ${reply.error}`));
  });
  const fail = (error: Error): void => {
    failure = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the CSV encoder's thread ended with ${code}`)));
  return {
    encode: (rows, rules) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        const id = next++;
        pending.set(id, { resolve, reject });
        worker.ref();
        const request: EncodeRequest = { id, packed: packRows(rows), rules };
        worker.postMessage(request);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
};
