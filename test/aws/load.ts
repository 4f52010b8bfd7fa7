import { describe, expect, it } from 'vitest';
import { targetTables } from '../../shared/model/contract.ts';
import { classifyError } from '../../shared/sql/classify-error.ts';
import { parseExistingColumn } from '../../shared/sql/existing-columns.ts';
import {
  existingColumnsQuery,
  planPreparation,
  prepareStatements,
  targetRulesQuery,
} from '../../shared/sql/prepare-statements.ts';
import { stageLoad } from '../shared/sql/support/loading.ts';
import type { ModelBatch } from '../shared/sql/support/model.ts';
import type { StagedFiles } from '../shared/sql/support/session.ts';
import { batchesIn, contractIn, FULL, NEW, toBatch, toCsv } from './load-batches.ts';
import { execute, type Place, putCsv, runBatch } from './place.ts';

/** Loads as they are, from files in a bucket to rows and ledger, in schemas of the tests' own. */

/** Puts a load's files, without the last `missing` rows of each, and runs its statements. */
const load = async (place: Place, name: string, batches: readonly ModelBatch[], missing = 0) => {
  const files: StagedFiles = new Map();
  const url = `s3://${place.bucket}/${place.prefix}`;
  const source = { url, copyRole: place.copyRole };
  const statements = stageLoad(contractIn(place.schema), batches, files, name, {}, source);
  for (const [manifest, rows] of files) {
    const csv = toCsv(rows.slice(0, rows.length - missing));
    expect(await putCsv(place, manifest.slice(url.length).replace('.manifest', ''), csv)).toBe(manifest);
  }
  return runBatch(
    place,
    statements.map((sql) => toOwn(place, sql)),
  );
};

/** A deployment's schema `millrace` is left alone. */
const toOwn = ({ ownSchema }: Place, sql: string): string =>
  sql.replaceAll('"millrace"', `"${ownSchema}"`).replaceAll("'millrace'", `'${ownSchema}'`);

/** What the warehouse has of the contract, as preparing looks at it. */
const find = async (place: Place) => {
  const contract = contractIn(place.schema);
  const ask = (sql: string) => execute(place.warehouse, toOwn(place, sql));
  const columns = (await ask(existingColumnsQuery(contract)))
    .map(parseExistingColumn)
    .map((of) => (of.schema === place.ownSchema ? { ...of, schema: 'millrace' } : of));
  const rules = (await ask(targetRulesQuery(contract))).map(
    ([target, rule]) => [String(target), String(rule)] as const,
  );
  return planPreparation(contract, { columns, rules });
};

const rowsOf = async ({ warehouse, schema, ownSchema }: Place) => ({
  items: await execute(
    warehouse,
    `SELECT id, TO_CHAR(modified, 'YYYY-MM-DD HH24:MI:SS'), CAST(price AS VARCHAR(20)), is_open, TO_CHAR(due, 'YYYY-MM-DD'), JSON_SERIALIZE(more), _batch, _row FROM ${schema}.items ORDER BY id`,
  ),
  lines: await execute(
    warehouse,
    `SELECT item_id, "position", content FROM ${schema}.lines ORDER BY item_id, "position"`,
  ),
  ledger: await execute(
    warehouse,
    `SELECT RIGHT(batch, 12), SPLIT_PART(target, '.', 2), staged, duplicate, stale, inserted, updated, deleted FROM ${ownSchema}.ledger ORDER BY batch, target`,
  ),
});

const AFTER = {
  items: [
    ['a', '2025-12-02 10:00:00', '-2.00', false, '2026-02-28', '{"a":[1,"b"]}', 'w-20260102T000000000Z', 1],
    ['b', '2025-12-01 10:00:00', null, null, null, null, 'w-20260102T000000000Z', 2],
    ['d', '2025-12-02 10:00:00', '1.50', true, '2026-02-28', '{"a":[1,"b"]}', 'w-20260102T000000000Z', 3],
  ],
  lines: [
    ['a', 1, 'changed'],
    ['a', 2, ''],
    ['b', 1, null],
  ],
  /** Of each batch and table: staged, duplicate, stale, inserted, updated and deleted. */
  ledger: [
    ['1T000000000Z', 'items', 3, 0, 0, 3, 0, 0],
    ['1T000000000Z', 'items$deleted', 0, 0, 0, 0, 0, 0],
    ['1T000000000Z', 'lines', 4, 0, 0, 4, 0, 0],
    ['2T000000000Z', 'items', 3, 1, 0, 1, 1, 1],
    ['2T000000000Z', 'items$deleted', 1, 0, 0, 1, 0, 0],
    ['2T000000000Z', 'lines', 3, 1, 0, 0, 2, 1],
  ],
};

export const loadsOf = (name: string, place: () => Promise<Place>): void => {
  describe(`a load of ${name}`, () => {
    it('is prepared, after which the warehouse has what the contract says, and nothing is to be changed', async () => {
      const of = await place();
      for (const sql of prepareStatements(contractIn(of.schema))) await execute(of.warehouse, toOwn(of, sql));
      const { tables, refusals } = await find(of);
      expect(refusals).toEqual([]);
      expect(tables.map(({ isNew, changes }) => [isNew, changes])).toEqual(
        targetTables(contractIn(of.schema)).map(() => [false, []]),
      );
    });

    it('merges rows, children and tombstones, once however often it is run', async () => {
      const of = await place();
      const [first, second] = batchesIn(of.schema);
      expect(await load(of, 'load-1', [first])).toMatchObject({ status: 'finished', error: '' });
      expect(await load(of, 'load-2', [first, second])).toMatchObject({ status: 'finished', error: '' });
      const after = await rowsOf(of);
      expect(after).toEqual(AFTER);
      expect(await load(of, 'load-2', [first, second])).toMatchObject({ status: 'finished', error: '' });
      expect(await rowsOf(of)).toEqual(after);
    });

    it('fails for a batch that lacks rows, by the name of the batch, and leaves nothing of it', async () => {
      const of = await place();
      const before = await rowsOf(of);
      const third = toBatch(of.schema, 3, [['e', NEW, FULL, []]]);
      const { status, error } = await load(of, 'load-3', [third], 1);
      expect([status, classifyError(error)], error).toEqual(['failed', { kind: 'data', batch: third.batch }]);
      expect(await rowsOf(of)).toEqual(before);
    });
  });
};
