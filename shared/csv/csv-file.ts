import { pipeline, Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import { endRow, newRowBytes, type RowBytes, takeBytes, writeRow } from './row-bytes.ts';

/** A CSV file in the making: rows go in, its bytes come out of `body`, compressed on another thread. */
export interface CsvFile {
  /** The file's bytes; read it from the start (an upload), destroyed with the cause when the file is aborted. */
  readonly body: Readable;
  /** Rows written so far. */
  readonly rows: number;
  /** Bytes that `body` gave so far: the file's size once `body` has ended. */
  readonly bytes: number;
  /** Values by the file's columns; null is the file's NULL. */
  write(values: readonly (string | null)[]): void;
  /** Where the next row may be written field by field, which counts once it is ended. */
  readonly row: RowBytes;
  endRow(): void;
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

/** Bytes that are handed on at once, and how many such batches wait for `body` to be read. */
const BATCH_BYTES = 64 * 1024;
const MOST_BATCHES = 4;
/** Room for the row that makes a batch full: most are shorter. */
const LAST_ROW_BYTES = 4 * 1024;

/** zstd's default level: a third of gzip's time at its ratio. */
const ZSTD_LEVEL = 3;
const OUTPUT_BYTES = 256 * 1024;

/** Lines that wait, and who waits for them. */
interface Queue {
  readonly batches: Buffer[];
  isEnded: boolean;
  failure: Error | undefined;
  /** Wakes the reader of batches, and the writer of rows. */
  onBatch: () => void;
  onSpace: () => void;
}

async function* readBatches(queue: Queue): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      if (queue.failure !== undefined) throw queue.failure;
      const batch = queue.batches[0];
      if (batch !== undefined) {
        yield batch;
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

/** Opens a CSV file. A writer that heeds `ready` is at most a few batches ahead of whoever reads `body`. */
export const openCsvFile = ({ nullText, header, compression }: CsvFileOptions): CsvFile => {
  const queue: Queue = {
    batches: [],
    isEnded: false,
    failure: undefined,
    onBatch: () => undefined,
    onSpace: () => undefined,
  };
  const counts = { rows: 0, bytes: 0 };
  const rows = newRowBytes(nullText, BATCH_BYTES + LAST_ROW_BYTES);
  const flush = (): void => {
    if (rows.at === 0) return;
    queue.batches.push(takeBytes(rows));
    queue.onBatch();
  };
  const count = (): void => {
    counts.rows += 1;
    if (rows.at >= BATCH_BYTES) flush();
  };
  if (header !== undefined) writeRow(rows, header);
  const body = toBody(queue, compression, counts);
  return {
    body,
    get rows() {
      return counts.rows;
    },
    get bytes() {
      return counts.bytes;
    },
    write: (values) => {
      writeRow(rows, values);
      count();
    },
    row: rows,
    endRow: () => {
      endRow(rows);
      count();
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
