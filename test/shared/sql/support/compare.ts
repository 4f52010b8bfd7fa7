import fc from 'fast-check';
import type { Compares, Contract } from '../../../../shared/model/contract.ts';
import { keysName } from '../../../../shared/model/deletes.ts';
import { column, table, varchar } from './contracts.ts';
import { keyOf, type ModelBatch, modelTables, type Placed } from './model.ts';

/** Comparisons of the families of generate.ts, and what they leave of the rows, worked out without SQL. */

export const ROOTS = 's.roots';
const KEYS = keysName(ROOTS);

export const comparing = (
  contract: Contract,
  atMost: Compares['atMost'] = { count: 99, percent: 0 },
): Contract => {
  const tables = contract.tables.filter(({ deletes }) => deletes === undefined);
  const mode = tables[0]?.marks === true ? 'mark' : 'delete';
  const keys = table(KEYS, {
    disposition: 'merge',
    key: ['id'],
    columns: [column('id', varchar(40), { required: true, trim: false })],
  });
  const unmarks = mode === 'mark' ? { unmarks: true as const } : {};
  return {
    ...contract,
    hash: `${contract.hash}k`,
    tables: [keys],
    compares: { mode, atMost, ...unmarks, tables },
  };
};

export const keysBatch = (name: string, observed: string, ids: readonly string[]): ModelBatch => ({
  batch: `k-${name}`,
  seal: `seal-k-${name}`,
  observed,
  tables: { [KEYS]: ids.map((id, at) => ({ values: { id }, row: at + 1, parentRow: null })) },
});

/** Comparisons between the loads of a scenario: before which one, of which keys, and how often. */
export const comparisons = fc
  .array(
    fc.record({
      before: fc.nat({ max: 4 }),
      minute: fc.constantFrom('00:00:00', '00:00:30', '00:01:30', '00:02:00', '00:09:00'),
      ids: fc.subarray(['a', 'a ', 'b', "o'c"]),
      times: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) =>
    all.map(({ before, minute, ids, times }, n) => ({
      before,
      times,
      batch: keysBatch(`${n}`, `2026-01-01T${minute}.000Z`, ids.length === 0 ? ['z'] : ids),
    })),
  );

/** A row's place tells it from one that comes in its stead. */
const placeOf = ({ batch, row }: Placed): string => `${batch} ${row}`;

/** Batches as they are left by comparisons: a row that is gone is as if it had never been loaded, until it comes again. */
export const newCompared = (contract: Contract) => {
  const [root] = contract.tables;
  if (root === undefined) throw new Error('a root expected');
  const isMarking = root.marks === true;
  let applied: readonly ModelBatch[] = [];
  const seen = new Set<string>();
  const marks = new Map<string, string>();
  const rows = (): readonly Placed[] => modelTables(contract, applied).get(ROOTS) ?? [];
  return {
    load: (batches: readonly ModelBatch[]): void => {
      for (const batch of batches) {
        if (!seen.has(batch.batch)) applied = [...applied, batch];
        seen.add(batch.batch);
      }
    },
    compare: ({ batch, observed, tables }: ModelBatch): void => {
      if (seen.has(batch)) return;
      seen.add(batch);
      const listed = new Set((tables[KEYS] ?? []).map((row) => keyOf(row, root.key)));
      const gone = rows().filter((row) => !listed.has(keyOf(row, root.key)) && row.observed < observed);
      if (isMarking) {
        for (const row of gone) if (!marks.has(placeOf(row))) marks.set(placeOf(row), observed);
        for (const row of rows().filter((one) => listed.has(keyOf(one, root.key)) && one.observed < observed))
          if ((marks.get(placeOf(row)) ?? observed) < observed) marks.delete(placeOf(row));
        return;
      }
      const keys = new Set(gone.map((row) => keyOf(row, root.key)));
      applied = applied.map((one) => ({
        ...one,
        tables: {
          ...one.tables,
          [ROOTS]: (one.tables[ROOTS] ?? []).filter((row) => !keys.has(keyOf(row, root.key))),
        },
      }));
    },
    tables: (): ReadonlyMap<string, readonly Placed[]> => {
      const tables = new Map(modelTables(contract, applied));
      if (isMarking)
        tables.set(
          ROOTS,
          rows().map((row) => ({ ...row, deletedAt: marks.get(placeOf(row)) ?? null })),
        );
      return tables;
    },
  };
};
