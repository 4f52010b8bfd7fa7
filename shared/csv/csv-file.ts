import { pipeline, Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import { type CsvEncoder, inlineEncoder } from './encoder.ts';
import type { CsvRow } from './stringify.ts';

/** A CSV file in the making: rows go in, its bytes come out of `body`, encoded and compressed off the main thread where that pays. */
export interface CsvFile {
  /** The file's bytes; read it from the start (an upload), destroyed with the cause when the file is aborted. */
  readonly body: Readable;
  /** Rows written so far. */
  readonly rows: number;
  /** Bytes that `body` gave so far: the file's size once `body` has ended. */
  readonly bytes: number;
  /** Values by the file's columns; null is the file's NULL. */
  write(values: readonly (string | null)[]): void;
  /** Undefined is ready for more; else wait: backpressure. Rejects when the file was aborted. */
  ready(): Promise<void> | undefined;
  /** No more rows: `body` ends after the last of them. */
  end(): void;
  /** Destroys `body` with the cause, so that an upload reading it fails and nothing is published. */
  abort(cause: Error): void;
}

/** What a file is to be. */
export interface CsvFileOptions {
  /** NULL, unquoted; data equal to it is quoted. */
  readonly nullText: string;
  /** A first line of names; staged files have none. */
  readonly header?: readonly string[];
  readonly compression: 'zstd' | 'none';
}

/** Characters and rows of one batch, and batches that wait for the encoder or for `body` to be read. */
const BATCH_CHARACTERS = 64 * 1024;
const BATCH_ROWS = 1024;
const MOST_BATCHES = 4;

/** zstd's default level: a third of gzip's time at its ratio. */
const ZSTD_LEVEL = 3;
const OUTPUT_BYTES = 256 * 1024;

/** Rows that wait, and who waits for them. */
interface Queue {
  readonly batches: Promise<Uint8Array>[];
  isEnded: boolean;
  failure: Error | undefined;
  /** Wakes the reader of batches, and the writer of rows. */
  onBatch: () => void;
  onSpace: () => void;
}

async function* readBatches(queue: Queue): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      if (queue.failure !== undefined) throw queue.failure;
      const batch = queue.batches[0];
      if (batch !== undefined) {
        yield await batch;
        queue.batches.shift();
        queue.onSpace();
      } else if (queue.isEnded) return;
      else
        await new Promise<void>((resolve) => {
          queue.onBatch = resolve;
        });
    }
  } finally {
    // The reader is gone: whoever waits for space has to learn it.
    if (!queue.isEnded) queue.failure ??= new Error('the CSV file was closed while rows were written');
    queue.onSpace();
  }
}

/** Opens a CSV file. Nothing is encoded before `body` is read, but for a few batches. */
export const openCsvFile = (options: CsvFileOptions, encoder: CsvEncoder = inlineEncoder): CsvFile => {
  const queue: Queue = {
    batches: [],
    isEnded: false,
    failure: undefined,
    onBatch: () => undefined,
    onSpace: () => undefined,
  };
  const counts = { rows: 0, bytes: 0 };
  let batch: CsvRow[] = options.header === undefined ? [] : [options.header];
  let characters = 0;
  const flush = (): void => {
    const columns = batch[0]?.length;
    if (columns === undefined) return;
    const encoded = encoder.encode(batch, { nullText: options.nullText, columns });
    // Its failure is met by the reader; until then it must not count as unhandled.
    encoded.catch(() => undefined);
    queue.batches.push(encoded);
    batch = [];
    characters = 0;
    queue.onBatch();
  };
  const body = toBody(queue, options.compression, counts);
  return {
    body,
    get rows() {
      return counts.rows;
    },
    get bytes() {
      return counts.bytes;
    },
    write: (values) => {
      counts.rows += 1;
      for (const value of values) if (value !== null) characters += value.length;
      batch.push(values);
      if (characters >= BATCH_CHARACTERS || batch.length >= BATCH_ROWS) flush();
    },
    ready: () => waitForSpace(queue),
    end: () => {
      flush();
      queue.isEnded = true;
      queue.onBatch();
    },
    abort: (cause) => {
      queue.failure ??= cause;
      body.destroy(cause);
      queue.onBatch();
      queue.onSpace();
    },
  };
};

const waitForSpace = (queue: Queue): Promise<void> | undefined => {
  if (queue.failure !== undefined) return Promise.reject(queue.failure);
  if (queue.batches.length < MOST_BATCHES) return undefined;
  return new Promise((resolve, reject) => {
    queue.onSpace = () => (queue.failure === undefined ? resolve() : reject(queue.failure));
  });
};

const toBody = (
  queue: Queue,
  compression: CsvFileOptions['compression'],
  counts: { bytes: number },
): Readable => {
  const plain = Readable.from(readBatches(queue), { objectMode: false });
  const encoded = compression === 'none' ? plain : compress(plain);
  async function* count(): AsyncGenerator<Uint8Array> {
    for await (const chunk of encoded) {
      counts.bytes += chunk.length;
      yield chunk;
    }
  }
  const body = Readable.from(count(), { objectMode: false });
  // An abort before anyone listens must not end the process; whoever reads the body gets the error all the same.
  body.on('error', () => plain.destroy());
  return body;
};

const compress = (plain: Readable): Readable => {
  const zstd = createZstdCompress({
    chunkSize: OUTPUT_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  });
  // Either end's error destroys the other; the reader of zstd's output gets it.
  pipeline(plain, zstd, () => undefined);
  return zstd;
};
