import { availableParallelism } from 'node:os';
import {
  type CsvEncoder,
  inlineEncoder,
  openWorkerEncoder,
  type WorkerEncoder,
} from '../../shared/csv/encoder.ts';

const WORKER = new URL('../../shared/csv/encode-worker.ts', import.meta.url);

/** About a megabyte of CSV: what is smaller is done before a thread has started. */
const INLINE_BATCHES = 16;

/** Encodes on the calling thread at first, then on another core where there is one. Close it when all is encoded. */
export const newLateEncoder = (cores = availableParallelism()): CsvEncoder & { close(): Promise<void> } => {
  let batches = 0;
  let worker: WorkerEncoder | undefined;
  return {
    encode: (rows, rules) => {
      batches += 1;
      if (batches <= INLINE_BATCHES || cores === 1) return inlineEncoder.encode(rows, rules);
      worker ??= openWorkerEncoder(WORKER);
      return worker.encode(rows, rules);
    },
    close: async () => worker?.close(),
  };
};
