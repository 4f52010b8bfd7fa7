import { openStore } from './store.ts';
import type { Version } from './versions.ts';
import { walk } from './walk.ts';

/** The objects of a store that no S3 serves, to be read by this process alone. */
export interface FolderReader {
  /** Keys, and with a delimiter folders, directly below a prefix, ascending. */
  list(
    prefix: string,
    delimiter?: '/',
  ): { readonly keys: readonly string[]; readonly folders: readonly string[] };
  /** Every version and delete marker below a prefix, of this bucket or another of the store: by key, the newest of each key first. */
  versions(prefix: string, bucket?: string): readonly FolderVersion[];
  /** The bytes of a key's current version; undefined where there is none. */
  open(key: string): AsyncIterable<Buffer> | undefined;
  close(): void;
}

export type FolderVersion = Pick<Version, 'key' | 'version' | 'modified' | 'is_latest' | 'is_marker'>;

/** Opens one bucket of the store in a folder. Waits while another process has it open. */
export const openS3Folder = (dir: string, bucket: string): FolderReader => {
  // Events that nobody took over stay for the next run.
  const store = openStore(dir, () => undefined);
  return {
    list: (prefix, delimiter) => {
      const { versions, folders } = walk({
        prefix,
        delimiter,
        from: undefined,
        limit: Number.POSITIVE_INFINITY,
        fetch: (from, until, count) => store.versions.listCurrent(bucket, from, until, count),
      });
      return { keys: versions.map(({ key }) => key), folders };
    },
    versions: (prefix, of = bucket) =>
      walk({
        prefix,
        delimiter: undefined,
        from: undefined,
        limit: Number.POSITIVE_INFINITY,
        fetch: (from, until, count) => store.versions.list(of, from, until, count),
      }).versions,
    open: (key) => {
      const version = store.versions.current(bucket, key);
      if (version === undefined || version.is_marker) return undefined;
      const { bytes, done } = store.blobs.open(store.versions.blobsOf(version.born), 0, version.size);
      return closing(bytes, done);
    },
    close: store.close,
  };
};

async function* closing(bytes: AsyncIterable<Buffer>, done: () => void): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } finally {
    done();
  }
}
