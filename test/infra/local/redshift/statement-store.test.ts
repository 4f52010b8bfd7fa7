import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../infra/local/redshift/statement.ts';
import { openStatementStore, type StatementStore } from '../../../../infra/local/redshift/statement-store.ts';

const HOUR = 3_600_000;
const DONE: Outcome = { status: 'FINISHED', milliseconds: 1, parts: [] };

/** A store in memory, its clock, and how many rows its table has. */
const openStore = () => {
  const database = new DatabaseSync(':memory:');
  const clock = { ms: 0 };
  const open = (): StatementStore => openStatementStore(database, () => clock.ms);
  const countRows = (): unknown => database.prepare('SELECT count(*) AS n FROM statement').get()?.n;
  return { clock, open, countRows };
};

const add = (store: StatementStore, id: string, createdMs: number): void => {
  const rest = { name: undefined, isBatch: false, withEvent: false, token: undefined, role: undefined };
  store.add({ id, sqls: ['SELECT 1'], createdMs, ...rest });
};

describe('the statement store', () => {
  test('has a request for 24 hours from its end, and no longer', () => {
    const { clock, open } = openStore();
    const store = open();
    add(store, 'a', 0);
    store.finish('a', DONE, HOUR, () => {});
    clock.ms = 25 * HOUR;
    expect([store.get('a')?.id, store.list().length]).toEqual(['a', 1]);
    clock.ms += 1;
    expect([store.get('a'), store.list()]).toEqual([undefined, []]);
  });

  test('has a request that has not ended, however old', () => {
    const { clock, open } = openStore();
    const store = open();
    add(store, 'a', 0);
    clock.ms = 48 * HOUR;
    add(store, 'b', clock.ms);
    expect(store.list().map(({ id }) => id)).toEqual(['b', 'a']);
    expect(store.unfinished().map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('drops what is over when it takes another request, and when it is opened', () => {
    const { clock, open, countRows } = openStore();
    const store = open();
    add(store, 'a', 0);
    store.finish('a', DONE, 0, () => {});
    clock.ms = 25 * HOUR;
    add(store, 'b', clock.ms);
    expect(countRows()).toBe(1);
    store.finish('b', DONE, clock.ms, () => {});
    clock.ms += 25 * HOUR;
    open();
    expect(countRows()).toBe(0);
  });
});
