import type { Contract, TableContract } from '../../../../shared/model/contract.ts';

/** What the target tables hold after any loads of a set of batches: worked out without SQL, from the rows alone. */

export type Value = string | number | null;

export interface ModelRow {
  readonly values: Readonly<Record<string, Value>>;
  readonly row: number;
  readonly parentRow: number | null;
}

export interface ModelBatch {
  readonly batch: string;
  readonly seal: string;
  readonly observed: string;
  /** By `schema.table`, in document order. */
  readonly tables: Readonly<Record<string, readonly ModelRow[]>>;
}

export interface Placed extends ModelRow {
  readonly batch: string;
  readonly observed: string;
  /** Of rows that tombstones mark. */
  readonly deletedAt?: string | null;
}

const compareValues = (a: Value, b: Value): number => {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
};

const compareVersions =
  (table: TableContract) =>
  (a: Placed, b: Placed): number => {
    const pairs: readonly (readonly [Value, Value])[] = [
      ...table.sequence.map((name) => [a.values[name] ?? null, b.values[name] ?? null] as const),
      [a.observed, b.observed],
      [a.batch, b.batch],
      [a.row, b.row],
    ];
    return pairs.reduce((found, [x, y]) => (found === 0 ? compareValues(x, y) : found), 0);
  };

export const keyOf = (row: ModelRow, key: readonly string[]): string =>
  JSON.stringify(
    key.map((name) => {
      const value = row.values[name] ?? null;
      return typeof value === 'string' ? value.replace(/ +$/, '') : value;
    }),
  );

const bestOfEachKey = (
  rows: readonly Placed[],
  key: readonly string[],
  compare: (a: Placed, b: Placed) => number,
): readonly Placed[] => {
  if (key.length === 0) return rows;
  const best = new Map<string, Placed>();
  for (const row of rows) {
    const k = keyOf(row, key);
    const had = best.get(k);
    if (had === undefined || compare(row, had) > 0) best.set(k, row);
  }
  return [...best.values()];
};

const rootRows = (table: TableContract, batches: readonly ModelBatch[]): readonly Placed[] => {
  const place = (batch: ModelBatch): readonly Placed[] =>
    (batch.tables[table.table] ?? []).map((row) => ({
      ...row,
      batch: batch.batch,
      observed: batch.observed,
    }));
  const compare = compareVersions(table);
  switch (table.disposition) {
    case 'merge':
      return bestOfEachKey(batches.flatMap(place), table.key, compare);
    case 'append':
      return bestOfEachKey(batches.flatMap(place), table.key, (a, b) => -compare(a, b));
    case 'replace': {
      const newest = batches.toSorted((a, b) =>
        a.observed === b.observed ? compareValues(a.batch, b.batch) : compareValues(a.observed, b.observed),
      );
      return bestOfEachKey(newest.slice(-1).flatMap(place), table.key, compare);
    }
  }
};

const childRows = (
  table: TableContract,
  parents: readonly Placed[],
  batches: readonly ModelBatch[],
): readonly Placed[] => {
  const own = table.key.filter((name) => !table.parent?.columns.some(({ child }) => child === name));
  const isAppended = table.disposition === 'append' && parents.length > 0 && table.key.length === 0;
  return parents.flatMap((parent) => {
    const staged = batches.find(({ batch }) => batch === parent.batch)?.tables[table.table] ?? [];
    const rows = staged
      .filter((row) => row.parentRow === parent.row)
      .map((row) => ({ ...row, batch: parent.batch, observed: parent.observed }));
    return isAppended ? rows : bestOfEachKey(rows, own, compareVersions(table));
  });
};

/** The last tombstone of a key that comes after a row, and so what it does to it. Of one batch and version it counts. */
const deletionOf = (
  row: Placed,
  table: TableContract,
  { table: tombstones, sequence }: TableContract,
  batches: readonly ModelBatch[],
): string | undefined => {
  const pairs = (other: Placed): readonly (readonly [Value, Value])[] => [
    ...sequence.map((name) => [other.values[name] ?? null, row.values[name] ?? null] as const),
    [other.observed, row.observed],
    [other.batch, row.batch],
  ];
  return batches
    .flatMap((batch) =>
      (batch.tables[tombstones] ?? []).map((one) => ({
        ...one,
        batch: batch.batch,
        observed: batch.observed,
      })),
    )
    .filter((one) => keyOf(one, table.key) === keyOf(row, table.key))
    .filter(
      (one) => pairs(one).reduce((found, [x, y]) => (found === 0 ? compareValues(x, y) : found), 0) >= 0,
    )
    .toSorted(compareVersions({ ...table, sequence: [...sequence] }))
    .at(-1)?.observed;
};

const afterDeletions = (
  rows: readonly Placed[],
  table: TableContract,
  contract: Contract,
  batches: readonly ModelBatch[],
): readonly Placed[] => {
  const tombstones = contract.tables.find(({ deletes }) => deletes?.table === table.table);
  if (tombstones === undefined) return rows;
  return rows.flatMap((row) => {
    const deletedAt = deletionOf(row, table, tombstones, batches);
    if (tombstones.deletes?.mode === 'mark') return [{ ...row, deletedAt: deletedAt ?? null }];
    return deletedAt === undefined ? [row] : [];
  });
};

/** The rows that each table holds after the batches were applied. */
export const modelTables = (
  contract: Contract,
  batches: readonly ModelBatch[],
): ReadonlyMap<string, readonly Placed[]> => {
  const tables = new Map<string, readonly Placed[]>();
  for (const table of contract.tables) {
    if (table.deletes !== undefined) continue;
    tables.set(
      table.table,
      table.parent === undefined
        ? afterDeletions(rootRows(table, batches), table, contract, batches)
        : childRows(table, tables.get(table.parent.table) ?? [], batches),
    );
  }
  return tables;
};
