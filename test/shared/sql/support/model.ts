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
  /** Of tables that keep every version: as ISO times in UTC, null while it holds. */
  readonly valid?: { readonly from: string; readonly to: string | null };
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

/** A cursor of a date, or a time with or without UTC's offset. */
const toInstant = (value: Value | undefined): string => {
  const [day, clock = '00:00:00'] = String(value).replace('+00', '').split(' ');
  return new Date(`${day}T${clock}Z`).toISOString();
};

/** A version holds from its cursor to the next one's of its key. */
const withValidity = (table: TableContract, version: Placed, all: readonly Placed[]): Placed => {
  const cursorOf = ({ values }: Placed): string => toInstant(values[table.sequence[0] ?? '']);
  const from = cursorOf(version);
  const later = all
    .filter((other) => keyOf(other, table.key) === keyOf(version, table.key) && cursorOf(other) > from)
    .map(cursorOf)
    .toSorted();
  return { ...version, valid: { from, to: later[0] ?? null } };
};

const placedIn = (table: TableContract, batch: ModelBatch): readonly Placed[] =>
  (batch.tables[table.table] ?? []).map((row) => ({
    ...row,
    batch: batch.batch,
    observed: batch.observed,
  }));

const inOrder = (a: ModelBatch, b: ModelBatch): number =>
  compareValues(a.observed, b.observed) || compareValues(a.batch, b.batch);

/**
 * The versions that snapshots make, one after the other as they are loaded: one that is not after all before it does nothing. A version
 * holds until one that says something else, also where that was observed at the same time.
 */
export const modelSnapshots = (
  table: TableContract,
  loads: readonly (readonly ModelBatch[])[],
): readonly Placed[] => {
  const says = (row: Placed): string =>
    JSON.stringify(Object.entries(row.values).filter(([name]) => isCounted(table, name)));
  const closed: Placed[] = [];
  const current = new Map<string, Placed>();
  let newest: ModelBatch | undefined;
  for (const batch of loads.flatMap((load) => load.toSorted(inOrder))) {
    if (newest !== undefined && inOrder(batch, newest) <= 0) continue;
    newest = batch;
    for (const row of bestOfEachKey(placedIn(table, batch), table.key, compareVersions(table))) {
      const key = keyOf(row, table.key);
      const had = current.get(key);
      if (had !== undefined && says(had) === says(row)) continue;
      if (had !== undefined) closed.push({ ...had, valid: { from: had.observed, to: row.observed } });
      current.set(key, { ...row, valid: { from: row.observed, to: null } });
    }
  }
  return [...closed, ...current.values()];
};

const isCounted = ({ columns, ignore = [] }: TableContract, name: string): boolean =>
  columns.some((column) => column.name === name) && !ignore.includes(name);

const rootRows = (table: TableContract, batches: readonly ModelBatch[]): readonly Placed[] => {
  const place = (batch: ModelBatch): readonly Placed[] => placedIn(table, batch);
  const compare = compareVersions(table);
  switch (table.disposition) {
    case 'merge':
      return bestOfEachKey(batches.flatMap(place), table.key, compare);
    case 'append':
      return bestOfEachKey(batches.flatMap(place), table.key, (a, b) => -compare(a, b));
    case 'history': {
      const versions = bestOfEachKey(batches.flatMap(place), [...table.key, ...table.sequence], compare);
      return versions.map((version) => withValidity(table, version, versions));
    }
    case 'replace': {
      const newest = batches.toSorted(inOrder);
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
