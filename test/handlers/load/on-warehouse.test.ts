import { describe, expect, it } from 'vitest';
import { describeLoad } from '../../../handlers/load/describe-load.ts';
import { markLoaded } from '../../../handlers/load/mark-loaded.ts';
import { prepareWarehouse } from '../../../handlers/load/prepare-warehouse.ts';
import { submitLoad } from '../../../handlers/load/submit-load.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import { STAGED_NULL } from '../../../shared/csv/staged.ts';
import { ServiceUnavailable, WarehouseRefused, WarehouseUnready } from '../../../shared/errors.ts';
import type { Contract, TableContract } from '../../../shared/model/contract.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { columnsBelowQuery } from '../../../shared/sql/foreign-columns.ts';
import { isolationQuery } from '../../../shared/sql/isolation.ts';
import { inLedgerQuery, LEDGER_REPORT_COLUMNS, ledgerQuery } from '../../../shared/sql/ledger-query.ts';
import { quoteMutex } from '../../../shared/sql/names.ts';
import { recordedContractQuery } from '../../../shared/sql/prepare-statements.ts';
import type { DescribeLoadOutput, LoadThread } from '../../../shared/state/messages.ts';
import type { BatchRecord } from '../../../shared/state/records.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import type { ObjectsServer } from '../../infra/local/redshift/objects-server.ts';
import { withWarehouse } from '../../infra/local/redshift/with-warehouse.ts';
import { column, contractOf, table, varchar, workItems } from '../../shared/sql/support/contracts.ts';
import { batchName, FEED, sealed, submitPrepared, toWorld } from './support/world.ts';

/** The load's states on the local warehouse, over the SDK: each statement of each is accepted and does what it says. */

const { signal } = new AbortController();
let s3: ObjectsServer;
let warehouse: Warehouse;
withWarehouse((opened) => {
  ({ s3, warehouse } = opened);
});

const MODIFIED = '2026-11-20 10:00:00+00';

/** A batch whose files are put; `[item, summary, comments]` each. */
const landed = (
  n: number,
  items: readonly (readonly [number, string | null, readonly string[]])[],
  more: Partial<BatchRecord> = {},
): BatchRecord => {
  const batch = batchName(n);
  const files = { 'ewm.work_items': [] as string[], 'ewm.comments': [] as string[] };
  items.forEach(([id, summary, comments], at) => {
    const text = summary === null ? STAGED_NULL : `"${summary.replaceAll('"', '""')}"`;
    files['ewm.work_items'].push(`${id},${text},${MODIFIED},${batch},${at + 1}`);
    comments.forEach((content, c) => {
      const row = files['ewm.comments'].length + 1;
      files['ewm.comments'].push(`${id},${c + 1},${content},${batch},${row},${at + 1}`);
    });
  });
  const tables = Object.fromEntries(
    Object.entries(files).map(([name, lines]) => {
      const key = `staged/${FEED}/${batch}/a/${name}/00000-00000.csv.zst`;
      s3.putCsv(key, lines.map((line) => `${line}\n`).join(''));
      const parts = lines.length === 0 ? [] : [{ key, bytes: 100, rows: lines.length }];
      return [name, { rows: lines.length, parts }];
    }),
  );
  return sealed(n, { tables, ...more });
};

const toLoading = () => {
  const memory = memoryRecordStore();
  const world = toWorld({
    ...memory,
    putIfAbsent: async (key, text) => {
      const existing = await memory.putIfAbsent(key, text);
      if (existing === undefined) s3.put(key, text);
      return existing;
    },
  });
  const deps = () => ({ ...world.deps(), warehouse });
  /** One load to its described end. */
  const load = async (again?: LoadThread): Promise<DescribeLoadOutput> => {
    const thread = again ?? (await world.planned());
    const { statementId } = await submitPrepared(thread, deps());
    const isRunning = async () => (await warehouse.describe(statementId))?.status === 'running';
    await expect.poll(isRunning).toBe(false);
    const statementName = `millrace/${thread.correlation.replace('loads/', '')}/${thread.try}`;
    const trigger = { source: 'aws.redshift-data', detail: { statementId, statementName } };
    const answer = await describeLoad({ trigger }, deps());
    if (answer.outcome === 'finished') await markLoaded({ thread }, deps());
    return answer;
  };
  return { world, load, deps };
};

/** A planned load of this contract, not yet prepared. */
const toPreparing = async (contract: Contract) => {
  const { world, deps } = toLoading();
  await world.put(landed(5, [[9, 'nine', []]], { contract }));
  return { thread: await world.planned(), deps: deps() };
};

/** The tables of the sample contract in a schema of their own. */
const toTables = (schema: string): readonly TableContract[] =>
  workItems.tables.map(({ parent, ...table }) => ({
    ...table,
    schema,
    table: `${schema}.${table.name}`,
    ...(parent === undefined ? {} : { parent: { ...parent, table: parent.table.replace('ewm', schema) } }),
  }));

const query = (sql: string) => warehouse.execute(sql, signal);

const figures = async (n: number) =>
  (await query(ledgerQuery(FEED, [batchName(n)]))).map(
    ([, , target, , staged, duplicate, stale, inserted, updated, deleted]) =>
      [target, staged, duplicate, stale, inserted, updated, deleted].join(' '),
  );

describe('a load on the local warehouse', () => {
  it('merges batches, and its ledger says what each did', async () => {
    const { world, load } = toLoading();
    await world.put(
      landed(1, [
        [1, 'one "1"', ['a', 'b', 'c']],
        [2, null, ['d']],
        [3, 'three', []],
      ]),
    );
    expect((await load()).outcome).toBe('finished');
    await world.put(
      landed(2, [
        [1, 'one "1"', ['a', 'B']],
        [2, 'two', ['d']],
        [4, 'four', []],
      ]),
    );
    expect((await load()).outcome).toBe('finished');

    expect(await query('SELECT item_id, summary, _batch FROM ewm.work_items ORDER BY item_id')).toEqual([
      [1, 'one "1"', batchName(2)],
      [2, 'two', batchName(2)],
      [3, 'three', batchName(1)],
      [4, 'four', batchName(2)],
    ]);
    expect(await query('SELECT item_id, position, content FROM ewm.comments ORDER BY 1, 2')).toEqual([
      [1, 1, 'a'],
      [1, 2, 'B'],
      [2, 1, 'd'],
    ]);
    // staged, duplicate, stale, inserted, updated, deleted; without record hashes nothing tells what children a record had
    expect(await figures(1)).toEqual(['ewm.comments 4 0 0 4 0 0', 'ewm.work_items 3 0 0 3 0 0']);
    expect(await figures(2)).toEqual(['ewm.comments 3 0 0 3 0 0', 'ewm.work_items 3 0 0 1 2 0']);
    // What the views say is the ledger's own: their counts are its sums.
    const ledger = await query(ledgerQuery(FEED, [batchName(1), batchName(2)]));
    const sumsOf = (batches: readonly string[]) =>
      (['staged', 'inserted', 'updated', 'deleted', 'duplicate', 'stale', 'rejected'] as const).map((name) =>
        ledger
          .filter(([batch]) => batches.includes(String(batch)))
          .reduce((sum, row) => sum + Number(row[LEDGER_REPORT_COLUMNS.indexOf(name)]), 0),
      );
    const counts = 'tables, staged, inserted, updated, deleted, duplicate, stale, rejected';
    const both = [batchName(1), batchName(2)];
    expect(await query(`SELECT feed, batches, ${counts} FROM millrace.feeds`)).toEqual([
      [FEED, 2, 2, ...sumsOf(both)],
    ]);
    expect(await query(`SELECT feed, batch, ${counts} FROM millrace.batches ORDER BY batch`)).toEqual(
      both.map((batch) => [FEED, batch, 2, ...sumsOf([batch])]),
    );
    expect(sumsOf(both)[0]).toBe(13);
    const [last] = await query('SELECT loaded_at, observed FROM millrace.feeds WHERE loaded_at IS NOT NULL');
    expect(last).toHaveLength(2);
  });

  it.each([
    ['by_day', ['day'], ['1 one 20 21', '1 two 21 now', '2 zwei 20 now']],
    ['by_snapshot', [], ['1 one 23 23', '1 two 23 now', '2 zwei 23 now']],
  ] as const)('keeps versions: %s', async (name, sequence, expected) => {
    const columns = [
      column('id', 'bigint', { required: true }),
      column('summary', varchar(100)),
      column('day', { kind: 'date' }, { required: true }),
    ];
    const ignore = sequence.length === 0 ? { ignore: ['day'] } : {};
    const of = { key: ['id'], sequence: [...sequence], ...ignore, columns };
    const contract = withRecordHash(
      contractOf([table(`versions.${name}`, { disposition: 'history', ...of })]),
    );
    const { world, load } = toLoading();
    const land = async (n: number, rows: readonly (readonly [number, string, string])[]): Promise<void> => {
      const key = `staged/${FEED}/${batchName(n)}/a/versions.${name}/00000-00000.csv.zst`;
      const lines = rows.map((row, at) => [...row, row[1], batchName(n), at + 1].join(','));
      s3.putCsv(key, lines.map((line) => `${line}\n`).join(''));
      const parts = [{ key, bytes: 100, rows: rows.length }];
      await world.put(
        sealed(n, {
          contract,
          seal: `${name}-${n}`,
          tables: { [`versions.${name}`]: { rows: rows.length, parts } },
        }),
      );
      expect((await load()).outcome).toBe('finished');
    };
    const first = name === 'by_day' ? 7 : 3;
    await land(first, [
      [1, 'one', '2026-11-20'],
      [2, 'zwei', '2026-11-20'],
    ]);
    await land(first + 1, [
      [1, 'two', '2026-11-21'],
      [2, 'zwei', '2026-11-20'],
    ]);
    const found = await query(
      `SELECT id, summary, EXTRACT(DAY FROM _valid_from), CASE WHEN _is_current THEN 'now' ELSE CAST(EXTRACT(DAY FROM _valid_to) AS VARCHAR(2)) END FROM versions.${name} ORDER BY 1, _valid_from`,
    );
    expect(found.map((row) => row.join(' '))).toEqual(expected);
    expect(await figures(first + 1)).toContain(`versions.${name} 2 1 0 1 0 0`);
  });

  it('only asks for a contract that is recorded', async () => {
    const { thread, deps } = await toPreparing(workItems);
    await prepareWarehouse({ thread }, deps);
    const asked: string[] = [];
    const execute: Warehouse['execute'] = (sql, signal) => {
      asked.push(sql);
      return warehouse.execute(sql, signal);
    };
    const watched = { ...deps, warehouse: { ...warehouse, execute } };
    expect(await prepareWarehouse({ thread }, watched)).toEqual({ statements: 0 });
    expect(asked).toEqual([isolationQuery(), recordedContractQuery(workItems), columnsBelowQuery(workItems)]);
  });

  it('asks no more than SubmitLoad does for a contract that is recorded, and loads', async () => {
    const { world, load, deps } = toLoading();
    await world.put(landed(11, [[11, 'eleven', []]]));
    expect((await load()).outcome).toBe('finished');
    await world.put(landed(12, [[12, 'twelve', []]]));
    const thread = await world.planned();
    const asked: string[] = [];
    const execute: Warehouse['execute'] = (sql, signal) => {
      asked.push(sql);
      return warehouse.execute(sql, signal);
    };
    const { prepared } = await submitPrepared(thread, { ...deps(), warehouse: { ...warehouse, execute } });
    expect(prepared).toBeUndefined();
    expect(asked.sort()).toEqual(
      [
        ...[isolationQuery(), recordedContractQuery(workItems), columnsBelowQuery(workItems)],
        inLedgerQuery(FEED, [batchName(11)]),
      ].sort(),
    );
  });

  it.each([
    ['a table', 'DROP TABLE dropped.work_items'],
    ['a mutex', `DROP TABLE ${quoteMutex('dropped.work_items')}`],
    ['the rules', "DELETE FROM millrace.targets WHERE target = 'dropped.work_items'"],
  ])('comes right by itself where %s is gone of a contract that is recorded', async (_, sql) => {
    const contract = contractOf(toTables('dropped'), '9'.repeat(16));
    const { world, load } = toLoading();
    const put = async (n: number) => {
      const batch = landed(n, [[n, `item ${n}`, []]]);
      const rows = { 'dropped.work_items': batch.tables['ewm.work_items'] ?? { rows: 0, parts: [] } };
      await world.put({ ...batch, contract, tables: rows, seal: `${sql.length}-${n}` });
    };
    await put(13);
    expect(await load()).toMatchObject({ outcome: 'finished' });
    await query(sql);
    await put(14);
    const first = await load();
    const last = first.outcome === 'retry' ? await load(first.thread) : first;
    expect(last.outcome).toBe('finished');
    expect(await query('SELECT summary FROM dropped.work_items WHERE item_id = 14')).toEqual([['item 14']]);
    const isLost = (await query('SELECT item_id FROM dropped.work_items WHERE item_id = 13')).length === 0;
    const [mark = ''] = (await world.records.list(`marks/${FEED}/lost-`)).keys;
    const told = expect.stringContaining('npx millrace rebuild dropped.work_items reads its rows again');
    expect(await world.records.read(mark)).toEqual(isLost ? told : undefined);
  });

  it('locks the ledger with the families where the database is SERIALIZABLE, and nowhere else', async () => {
    const { thread, deps } = await toPreparing(workItems);
    expect(await prepareWarehouse({ thread }, deps)).not.toHaveProperty('locksLedger');
    const execute: Warehouse['execute'] = async (sql, signal) =>
      sql === isolationQuery() ? [['dev   ', 'Serializable        ']] : warehouse.execute(sql, signal);
    const serializable = { ...deps, warehouse: { ...warehouse, execute } };
    const prepared = await prepareWarehouse({ thread }, serializable);
    expect(prepared).toMatchObject({ locksLedger: true });
    expect(await query(`SELECT loads FROM ${quoteMutex('millrace.ledger')}`)).toEqual([[0]]);
    const texts: string[] = [];
    const submit: Warehouse['submit'] = async (batch) => {
      texts.push(...batch.statements);
      return 'statement';
    };
    await submitLoad({ thread, prepared }, { ...deps, warehouse: { ...warehouse, submit } });
    expect(texts[1]).toBe(`LOCK ${quoteMutex('ewm.work_items')}, ${quoteMutex('millrace.ledger')}`);
  });

  it('is prepared whole by whoever comes after one that died at any statement', async () => {
    const contract = contractOf(toTables('dying'), 'd'.repeat(16));
    const { thread, deps } = await toPreparing(contract);
    for (let alive = 1; ; alive += 1) {
      let ran = 0;
      const execute: Warehouse['execute'] = async (sql, signal) => {
        if (!sql.startsWith('SELECT')) ran += 1;
        if (ran > alive) throw new ServiceUnavailable('died');
        return warehouse.execute(sql, signal);
      };
      const dying = prepareWarehouse({ thread }, { ...deps, warehouse: { ...warehouse, execute } });
      const died = await dying.then(() => undefined).catch((error: Error) => error);
      if (died === undefined) break;
      expect(died).toBeInstanceOf(ServiceUnavailable);
    }
    for (const { table } of contract.tables) {
      expect(await query(`SELECT loads FROM ${quoteMutex(table)}`), table).toEqual([[0]]);
    }
  });

  it('loads without a grant that the warehouse refuses, and tries it again until it is taken', async () => {
    const contract = {
      ...contractOf(toTables('granted'), 'e'.repeat(16)),
      grants: { select: ['role reader', 'bi'] },
    };
    const { thread, deps } = await toPreparing(contract);
    let isThere = false;
    const execute: Warehouse['execute'] = async (sql, signal) => {
      if (sql.endsWith('TO ROLE "reader"') && !isThere)
        throw new WarehouseUnready('ERROR: role "reader" does not exist');
      return warehouse.execute(sql, signal);
    };
    const refusing = { ...deps, warehouse: { ...warehouse, execute } };
    const { warnings } = await prepareWarehouse({ thread }, refusing);
    expect(warnings).toEqual([
      'GRANT USAGE ON SCHEMA "granted" TO ROLE "reader": ERROR: role "reader" does not exist; the next load tries it again',
      expect.stringContaining(
        'GRANT SELECT ON TABLE "granted"."work_items", "granted"."comments" TO ROLE "reader"',
      ),
    ]);
    expect(await query('SELECT item_id FROM granted.work_items')).toEqual([]);
    expect((await prepareWarehouse({ thread }, refusing)).warnings).toHaveLength(2);
    isThere = true;
    expect(await prepareWarehouse({ thread }, refusing)).not.toHaveProperty('warnings');
    expect(await prepareWarehouse({ thread }, refusing)).toEqual({ statements: 0 });
  });

  it('loads again what an emptied warehouse lacks', async () => {
    const contract = contractOf(toTables('lost'), 'c'.repeat(16));
    const { world, load } = toLoading();
    const put = async (n: number) => {
      const parts = Object.values(sealed(n).tables).flatMap((table) => table.parts);
      for (const { key } of parts) await world.records.putIfAbsent(key, '');
      const batch = landed(n, [[n, `item ${n}`, []]]);
      const rows = { 'lost.work_items': batch.tables['ewm.work_items'] ?? { rows: 0, parts: [] } };
      await world.put({ ...batch, contract, tables: rows });
    };
    const rows = () => query('SELECT item_id FROM lost.work_items ORDER BY 1');
    await put(7);
    expect((await load()).outcome).toBe('finished');
    await query(`DELETE FROM millrace.ledger WHERE batch = '${batchName(7)}'`);
    await query(`DELETE FROM millrace.contracts WHERE hash = '${contract.hash}'`);
    await query("DELETE FROM millrace.targets WHERE target IN ('lost.work_items', 'lost.comments')");
    await query('DROP TABLE lost.work_items');
    await query('DROP TABLE lost.comments');
    await query(`DROP TABLE ${quoteMutex('lost.work_items')}`);
    await query(`DROP TABLE ${quoteMutex('lost.comments')}`);
    await put(8);
    expect((await load()).outcome).toBe('finished');
    expect(await rows()).toEqual([[8]]);
    expect(await world.pending()).toEqual([batchName(7)]);
    expect((await load()).outcome).toBe('finished');
    expect(await rows()).toEqual([[7], [8]]);
    expect(await world.pending()).toEqual([]);
  });

  it('may be prepared by two at once', async () => {
    const contract = contractOf(toTables('twofold'), 'f'.repeat(16));
    const { thread, deps } = await toPreparing(contract);
    await Promise.all([prepareWarehouse({ thread }, deps), prepareWarehouse({ thread }, deps)]);
    expect(await prepareWarehouse({ thread }, deps)).toEqual({ statements: 0 });
    expect(await query('SELECT item_id FROM twofold.work_items')).toEqual([]);
  });

  it('tells the batch whose file COPY refuses, and changes nothing', async () => {
    const { world, load } = toLoading();
    await world.put(landed(3, [[7, 'seven', []]]));
    await world.put(landed(4, [[8, 'x'.repeat(2000), []]]));
    const answer = await load();
    expect(answer).toMatchObject({ outcome: 'failed', isDataError: true, culprits: [batchName(4)] });
    expect(await query('SELECT item_id FROM ewm.work_items WHERE item_id IN (7, 8)')).toEqual([]);
  });

  it('tells the batch whose rows are not as many as its record says', async () => {
    const { world, load } = toLoading();
    const batch = landed(6, [[6, 'six', []]]);
    const [part] = batch.tables['ewm.work_items']?.parts ?? [];
    if (part === undefined) throw new Error('a part expected');
    await world.put({ ...batch, tables: { 'ewm.work_items': { rows: 2, parts: [part] } } });
    expect(await load()).toMatchObject({ outcome: 'failed', isDataError: true, culprits: [batchName(6)] });
  });

  it('adds columns and widens varchars for a later contract, and refuses another type by name', async () => {
    const [items] = workItems.tables;
    if (items === undefined) throw new Error('a table expected');
    const prepare = async (n: string, id: 'bigint' | 'timestamptz') => {
      const columns = [
        column('item_id', id, { required: true }),
        column('summary', varchar(2048)),
        column('modified', 'timestamptz', { required: true }),
        column('Custom "Field', 'super'),
      ];
      const { thread, deps } = await toPreparing(contractOf([{ ...items, columns }], n.repeat(16)));
      return prepareWarehouse({ thread }, deps);
    };
    // The mutex's row, the wider and the new column, and the contract's record.
    expect(await prepare('7', 'bigint')).toEqual({ statements: 4 });
    const refused = prepare('8', 'timestamptz');
    await expect(refused).rejects.toThrow(WarehouseRefused);
    await expect(refused).rejects.toThrow(
      'ewm.work_items.item_id is bigint in the warehouse and cannot become timestamptz',
    );
  });

  it('encodes a column anew that its encoding keeps short, then makes it longer', async () => {
    const made = (length: number, n: string) =>
      toPreparing(
        contractOf(
          [table('enc.notes', { disposition: 'append', columns: [column('note', varchar(length))] })],
          n.repeat(16),
        ),
      );
    const { thread, deps } = await made(10, 'a');
    await prepareWarehouse({ thread }, deps);
    await query('ALTER TABLE "enc"."notes" ALTER COLUMN "note" ENCODE bytedict');
    await expect(query('ALTER TABLE "enc"."notes" ALTER COLUMN "note" TYPE VARCHAR(20)')).rejects.toThrow(
      'with the encoding bytedict is not Redshift SQL',
    );
    const longer = await made(20, 'b');
    // The mutex's row, the encoding, the longer column, and the contract's record.
    expect(await prepareWarehouse({ thread: longer.thread }, longer.deps)).toEqual({ statements: 4 });
    expect(
      await query(
        "SELECT encoding FROM svv_redshift_columns WHERE table_name = 'notes' AND column_name = 'note'",
      ),
    ).toEqual([['zstd']]);
  });

  it('answers WarehouseUnready for what is not there, WarehouseRefused for another failure, and nothing for one that is unknown', async () => {
    await expect(query('SELECT * FROM ewm.nothing')).rejects.toThrow(WarehouseUnready);
    await expect(query('SELECT 1 FROM')).rejects.toThrow(WarehouseRefused);
    expect(await warehouse.describe('00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });
});
