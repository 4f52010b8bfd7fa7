import { readCsv, unpackStaged } from '../../shared/csv/read-csv.ts';
import { REJECT_COLUMNS, STAGED_NULL } from '../../shared/csv/staged.ts';
import type { Part } from '../../shared/state/records.ts';
import type { KnownFeed } from './list-feeds.ts';
import { chooseRejected, type RejectedBatch } from './rejected-batches.ts';
import type { Objects } from './superseded.ts';

/** A feed's rejected rows, as their batches keep them. */

/** Where the state of a deployment is read; nothing is written. */
export interface OperateDeps extends Objects {
  /** The bytes under a key; undefined where there is none. */
  readonly open: (key: string) => Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** A rejected row by the columns of its file. */
export type RejectedRow = Readonly<Record<(typeof REJECT_COLUMNS)[number], string | null>>;

export interface BatchRejects extends Omit<RejectedBatch, 'parts'> {
  /** The rows, one after the other, to be read once. Files that were removed are passed over: see `areGone`. */
  readonly read: () => AsyncGenerator<RejectedRow>;
  /** Whether some of the files that have the rows are there no more; known once all were read. */
  readonly areGone: () => boolean;
}

/** The rejects of one batch of a feed, or of all, the newest first and the superseded last. A batch that the feed does not have gives none. */
export async function* listRejects(
  feed: KnownFeed,
  batch: string | undefined,
  deps: OperateDeps,
): AsyncGenerator<BatchRejects> {
  for await (const one of chooseRejected(feed, batch, deps)) yield toRejects(one, deps);
}

const toRejects = ({ parts, ...of }: RejectedBatch, deps: OperateDeps): BatchRejects => {
  let areGone = false;
  const onGone = (): void => {
    areGone = true;
  };
  return { ...of, read: () => readRejects(parts, deps, onGone), areGone: () => areGone };
};

/** The rows of a batch's reject files, one after the other; those that were removed are told and passed over. */
export async function* readRejects(
  parts: readonly Pick<Part, 'key'>[],
  { open }: Pick<OperateDeps, 'open'>,
  onGone: () => void = () => undefined,
): AsyncGenerator<RejectedRow> {
  for (const part of parts) {
    const bytes = await open(part.key);
    if (bytes === undefined) onGone();
    else yield* readFile(bytes);
  }
}

/** A file's first line has the names of its columns: another release may write others. */
async function* readFile(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<RejectedRow> {
  let header: readonly (string | null)[] | undefined;
  for await (const values of readCsv(unpackStaged(bytes), STAGED_NULL)) {
    if (header === undefined) {
      header = values;
      continue;
    }
    const at = header;
    const get = (column: string): string | null => values[at.indexOf(column)] ?? null;
    yield Object.fromEntries(REJECT_COLUMNS.map((column) => [column, get(column)])) as RejectedRow;
  }
}
