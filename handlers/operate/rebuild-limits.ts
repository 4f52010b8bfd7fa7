import { InvalidInput } from '../../shared/errors.ts';
import { type Contract, type TableContract, targetTables } from '../../shared/model/contract.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { landingOf } from '../../shared/model/landing.ts';
import { targetOf } from '../../shared/model/target-rules.ts';
import { dispositionOf } from '../../shared/sql/dispositions/registry.ts';
import { columnsOf, type Found } from '../../shared/sql/prepare/found.ts';
import { foreignTables } from '../../shared/sql/prepare-statements.ts';
import { quoteTable } from '../../shared/sql/quote.ts';
import { landedBatch, parseKeyIfOurs } from '../../shared/state/keys.ts';
import type { ObjectInventory } from '../ports/object-inventory.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Warehouse } from '../ports/warehouse.ts';

/** What cannot be rebuilt: where the source does not give again what the tables hold, new tables would have less. */

export interface LimitDeps {
  readonly records: RecordStore;
  readonly inventory: Pick<ObjectInventory, 'listVersions'>;
  readonly warehouse: Pick<Warehouse, 'execute'>;
  readonly signal: AbortSignal;
}

const ANOTHER_NAME =
  'give the table another name in the feed: the new one is filled from now on, and this one stays';

const rootsOf = (contract: Contract): readonly TableContract[] =>
  targetTables(contract).filter(({ parent }) => parent === undefined);

/** Whether each run of a feed writes all of its tables anew. */
export const isWholeByRun = ({ source, window, contract }: Feed): boolean =>
  source.kind === 'http' &&
  window === undefined &&
  rootsOf(contract).every((root) => dispositionOf(root).isWhole);

/** By the feed alone. Throws InvalidInput. */
export const refuseUnreadable = ({ feed, source, window, contract }: Feed): void => {
  for (const root of rootsOf(contract)) {
    const { isRepeatable, keepsVersions } = dispositionOf(root);
    if (source.kind === 's3') {
      if (keepsVersions && root.sequence.length === 0)
        throw new InvalidInput(
          `table ${root.table} keeps versions of snapshots in the order in which they are loaded, and files that are read again come in any order: give it a sequence, or ${ANOTHER_NAME}`,
        );
      continue;
    }
    if (keepsVersions)
      throw new InvalidInput(
        `table ${root.table} keeps every version of a record, and ${feed}'s source has only the newest version: ${ANOTHER_NAME}`,
      );
    if (!isRepeatable && root.key.length === 0 && window === undefined)
      throw new InvalidInput(
        `table ${root.table} has the rows of every run of ${feed}, and its source gives only the rows of now: ${ANOTHER_NAME}`,
      );
  }
};

/** By what stands in the warehouse and which feeds are deployed. Throws InvalidInput. */
export const refuseOthers = async (
  feed: Feed,
  feeds: Iterable<Feed>,
  found: Found,
  deps: LimitDeps,
): Promise<void> => {
  const tables = targetTables(feed.contract);
  const names = new Set(tables.map(targetOf));
  for (const other of feeds) {
    const shared = targetTables(other.contract).find((table) => names.has(targetOf(table)));
    if (other.feed !== feed.feed && shared !== undefined)
      throw new InvalidInput(
        `table ${shared.table} has rows of feed ${other.feed} too, which a rebuild by ${feed.feed} would not read: give each feed a table of its own`,
      );
  }
  const [foreign] = foreignTables(feed.contract, found);
  if (foreign !== undefined)
    throw new InvalidInput(`table ${foreign.table} was not made by Millrace: ${ANOTHER_NAME}`);
  for (const table of tables) {
    if (!columnsOf(found.columns, table.schema, table.name).has('_batch')) continue;
    const sql = `SELECT COUNT(*) FROM ${quoteTable(table)} WHERE "_batch" IS NULL`;
    const [row] = await deps.warehouse.execute(sql, deps.signal);
    if (Number(row?.[0] ?? 0) > 0)
      throw new InvalidInput(
        `table ${table.table} has ${row?.[0]} rows that Millrace did not load, which no source gives again: ${ANOTHER_NAME}`,
      );
  }
};

/** Landed files that were read and are in their bucket no more. Throws InvalidInput. */
export const refuseGone = async ({ feed, source, contract }: Feed, deps: LimitDeps): Promise<void> => {
  if (source.kind !== 's3' || rootsOf(contract).every((root) => dispositionOf(root).isWhole)) return;
  const gone = new Set<string>();
  for (const key of (await deps.records.list(`batches/${feed}/`)).keys) {
    const name = parseKeyIfOurs(key);
    const object = name?.kind === 'batch' ? /^f-[0-9a-f]{32}/.exec(name.batch)?.[0] : undefined;
    if (object !== undefined) gone.add(object);
  }
  const { bucket, prefix } = landingOf(feed, source);
  for await (const { key, versionId } of deps.inventory.listVersions(prefix, bucket)) {
    deps.signal.throwIfAborted();
    gone.delete(landedBatch(key, versionId, bucket));
  }
  if (gone.size === 0) return;
  throw new InvalidInput(
    `versions of landed files of ${feed} that were read are not in the bucket any more, ${gone.size} in all, and their rows cannot be read again: land the files once more, or ${ANOTHER_NAME}`,
  );
};
