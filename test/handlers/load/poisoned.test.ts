import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { describeLoad } from '../../../handlers/load/describe-load.ts';
import type { OpenStaged } from '../../../handlers/ports/staged-reader.ts';
import type { Warehouse } from '../../../handlers/ports/warehouse.ts';
import { toRowBase } from '../../../shared/model/row-number.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { type BatchRecord, parkedRecord } from '../../../shared/state/records.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import type { ObjectsServer } from '../../infra/local/redshift/objects-server.ts';
import { withWarehouse } from '../../infra/local/redshift/with-warehouse.ts';
import { FEED, sealed, submitPrepared, toWorld } from './support/world.ts';

/** One batch of a hundred has a row that the warehouse refuses. */

const BATCHES = 100;
const POISONED = 41;
const SECRET = 'never-to-be-told';
const TABLE = 'ewm.work_items';

const { signal } = new AbortController();
let s3: ObjectsServer;
let warehouse: Warehouse;
withWarehouse((opened) => {
  ({ s3, warehouse } = opened);
});

const open: OpenStaged = async (key) => {
  const answer = await fetch(`${s3.url}/bucket/${key}`);
  return answer.status === 404 ? undefined : Readable.from([Buffer.from(await answer.arrayBuffer())]);
};

const nameOf = (n: number): string => `w-20261123T${String(n).padStart(4, '0')}00000Z`;
const fileOf = (n: number): string => `staged/${FEED}/${nameOf(n)}/a/${TABLE}/00002-00000.csv.zst`;

/** Two rows of step 3 of slice 2; the first has a line feed of its own. */
const csvOf = (n: number, summary: string): string => {
  const base = toRowBase({ slice: 2, step: 3 });
  const row = (at: number, text: string) =>
    `${2 * n + at},"${text}",2026-11-20 10:00:00+00,${nameOf(n)},${base + at}\n`;
  return row(1, 'two\nlines') + row(2, summary);
};

const batchOf = (n: number): BatchRecord => {
  const tables = {
    [TABLE]: { rows: 2, parts: [{ key: fileOf(n), bytes: 100, rows: 2 }] },
    'ewm.comments': { rows: 0, parts: [] },
  };
  const observed = `2026-11-23T00:00:00.${String(n).padStart(3, '0')}Z`;
  return sealed(1, { batch: nameOf(n), seal: `seal-${n}`, observed, tables });
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
  const deps = () => ({ ...world.deps(), warehouse, open });
  /** One load to its end; what was parked for it. */
  const load = async (): Promise<{ readonly batches: number; readonly parked: readonly string[] }> => {
    const thread = await world.planned();
    const { statementId } = await submitPrepared(thread, deps());
    const isRunning = async () => (await warehouse.describe(statementId))?.status === 'running';
    await expect.poll(isRunning).toBe(false);
    const statementName = `millrace/${thread.correlation.replace('loads/', '')}/${thread.try}`;
    const trigger = { source: 'aws.redshift-data', detail: { statementId, statementName } };
    const answer = await describeLoad({ trigger }, deps());
    const batches = (await world.batchesOf(thread)).length;
    if (answer.outcome === 'finished') {
      await world.mark(thread);
      return { batches, parked: [] };
    }
    if (answer.outcome !== 'failed') throw new Error(JSON.stringify(answer));
    const { culprits, isDataError, error } = answer;
    return { batches, parked: (await world.park(thread, culprits, isDataError, error)).parked };
  };
  /** The step that staged the poisoned batch's file, and the one before it, of this plan and restart. */
  const putSteps = async (): Promise<void> => {
    const step = {
      invocation: 'a',
      at: '2026-11-23T00:00:00.000Z',
      records: 2,
      outside: 0,
      rejects: { rows: 0, parts: [] },
      bytes: 1,
      pages: 4,
      firstRejects: [],
      matched: [],
    };
    const at = (definition: string, number: string) =>
      `slices/${FEED}/${nameOf(POISONED)}/${definition}/00002-00001-${number}.json`;
    const page = { url: 'https://jazz.example.com/items?page=30', page: 30 };
    const { tables } = batchOf(POISONED);
    const steps: readonly (readonly [string, object])[] = [
      [at('aa', '00003'), { ...step, tables: {}, continuation: null }],
      [at('bb', '00002'), { ...step, tables: {}, continuation: page }],
      [at('bb', '00003'), { ...step, tables, continuation: null }],
    ];
    for (const [key, record] of steps) await world.records.putIfAbsent(key, toRecordText(record));
  };
  return { world, load, putSteps };
};

const countRows = async (): Promise<unknown> =>
  (await warehouse.execute('SELECT count(*) FROM ewm.work_items', signal))[0]?.[0];

describe('a poisoned batch among a hundred', () => {
  it('is parked with its file, line, column and record, the others load; mended, it loads', async () => {
    const { world, load, putSteps } = toLoading();
    for (let n = 0; n < BATCHES; n += 1) {
      s3.putCsv(fileOf(n), csvOf(n, n === POISONED ? SECRET.repeat(200) : 'fine'));
      await world.put(batchOf(n));
    }
    await putSteps();

    expect(await load()).toEqual({ batches: BATCHES, parked: [nameOf(POISONED)] });
    expect(await load()).toEqual({ batches: BATCHES - 1, parked: [] });
    expect(await countRows()).toBe(2 * (BATCHES - 1));
    expect(await world.pending()).toEqual([]);

    const key = `parked/${FEED}/${nameOf(POISONED)}.json`;
    const { message } = parkedRecord.parse(JSON.parse((await world.records.read(key)) ?? ''));
    expect(message).toContain(`s3://bucket/${fileOf(POISONED)} line 3 column summary`);
    expect(message).toContain('String length exceeds DDL length');
    const row = toRowBase({ slice: 2, step: 3 }) + 2;
    expect(message).toContain(
      `it is _row ${row}, where lines are counted by line feeds, also those of values: row 2 of ${TABLE}, counted from the start of step 3 of slice 2, which read 4 pages from https://jazz.example.com/items?page=30 page 30`,
    );
    expect(message).not.toContain(SECRET);

    s3.putCsv(fileOf(POISONED), csvOf(POISONED, 'mended'));
    await world.records.remove(key);
    await world.put(batchOf(POISONED));
    expect(await load()).toEqual({ batches: 1, parked: [] });
    expect(await countRows()).toBe(2 * BATCHES);
  });

  it('names the version of a landed object', async () => {
    const { world, load } = toLoading();
    const object = {
      bucket: 'drops',
      key: 'landing/x.xml',
      versionId: 'v7',
      etag: 'e',
      bytes: 1,
      lastModified: '2026-11-23T00:00:00.000Z',
    };
    s3.putCsv(fileOf(200), csvOf(200, SECRET.repeat(200)));
    await world.put({ ...batchOf(200), object });
    expect(await load()).toEqual({ batches: 1, parked: [nameOf(200)] });
    const parked = await world.records.read(`parked/${FEED}/${nameOf(200)}.json`);
    expect(parked).toContain(
      `row 2 of ${TABLE}, counted from the start of s3://drops/landing/x.xml version v7`,
    );
    expect(parked).not.toContain(SECRET);
  });
});
