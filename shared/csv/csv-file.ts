import type { Readable } from 'node:stream';

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

export interface CsvFileOptions {
  /** NULL, unquoted; data equal to it is quoted. */
  readonly nullText: string;
  /** A first line of names; staged files have none. */
  readonly header?: readonly string[];
  readonly compression: 'zstd' | 'none';
}
