import type { Deployment } from '../../../infra/cli/deployment/deployment.ts';
import type { Value } from '../../../infra/cli/rows-format.ts';
import type { Jazz } from '../../../infra/local/jazz/server.ts';
import { expectedComments, expectedWorkItems } from '../../infra/local/jazz/expected-rows.ts';

export type Row = Readonly<Record<string, Value>>;
type Warehouse = Pick<Deployment, 'query'>;

export const readRows = async (warehouse: Warehouse, sql: string): Promise<readonly Row[]> => {
  const { columns, rows } = await warehouse.query(sql);
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
};

/** Every column of both tables, the bookkeeping too. */
export const readTables = async (warehouse: Warehouse) => ({
  workItems: await readRows(warehouse, 'SELECT * FROM ewm.work_items ORDER BY id'),
  comments: await readRows(
    warehouse,
    'SELECT w.id, c.* FROM ewm.comments c JOIN ewm.work_items w ON w.item_id = c.item_id ORDER BY w.id, c.position',
  ),
});
export type Tables = Awaited<ReturnType<typeof readTables>>;

export const readLedger = (warehouse: Warehouse): Promise<readonly Row[]> =>
  readRows(warehouse, 'SELECT * FROM millrace.ledger ORDER BY batch, seal, target');

const BOOKKEEPING = /^_/;

/** A row without what the loader notes beside it. */
export const dataOf = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !BOOKKEEPING.test(name)));

/** The rows that the tables have to hold, worked out from what the source holds. */
export const expectedTables = (jazz: Jazz): Tables => {
  const items = [...jazz.workItems()];
  const workItems = items.map((item) =>
    Object.fromEntries(Object.entries(expectedWorkItems).map(([name, of]) => [name, of(item)])),
  );
  const comments = items.flatMap((item) =>
    expectedComments(item).map((comment) => ({ item_id: String(item.itemId), ...comment })),
  );
  return { workItems, comments };
};

const DIFFERENCES_SHOWN = 5;
const SHOWN_CHARS = 200;

/** What differs between two lists of rows, row by row and column by column; few of it, since people read it. */
export const differences = (actual: readonly Row[], expected: readonly Row[]): readonly string[] => {
  const found: string[] = [];
  if (actual.length !== expected.length) found.push(`${actual.length} rows, ${expected.length} are expected`);
  for (let n = 0; n < Math.max(actual.length, expected.length); n += 1) {
    const a = actual[n] ?? {};
    const b = expected[n] ?? {};
    for (const column of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (a[column] === b[column]) continue;
      found.push(`row ${n}, ${column}: ${show(a[column])}, ${show(b[column])} is expected`);
      if (found.length > DIFFERENCES_SHOWN) return found;
    }
  }
  return found;
};

const show = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, SHOWN_CHARS);

/** What differs between the warehouse and the source. */
export const differencesFromSource = (tables: Tables, jazz: Jazz): readonly string[] => {
  const expected = expectedTables(jazz);
  return [
    ...differences(tables.workItems.map(dataOf), expected.workItems),
    ...differences(tables.comments.map(dataOf), expected.comments),
  ];
};
