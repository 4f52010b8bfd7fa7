import type { Contract } from '../../shared/model/contract.ts';
import { withRecordHash } from '../../shared/model/record-hash.ts';
import { column, contractOf, table, varchar } from '../shared/sql/support/contracts.ts';
import type { ModelBatch, ModelRow, Value } from '../shared/sql/support/model.ts';

/** What whole loads are tried with. */

/** Records with lines below them, and tombstones, in columns of many types. */
export const contractIn = (schema: string): Contract =>
  withRecordHash(
    contractOf([
      table(`${schema}.items`, {
        disposition: 'merge',
        key: ['id'],
        sequence: ['modified'],
        distribute: 'key',
        sort: ['id'],
        columns: [
          column('id', varchar(40), { required: true }),
          column('modified', 'timestamptz', { required: true }),
          column('price', { kind: 'decimal', precision: 12, scale: 2 }),
          column('is_open', { kind: 'boolean' }),
          column('due', { kind: 'date' }),
          column('more', 'super'),
        ],
      }),
      table(`${schema}.lines`, {
        disposition: 'merge',
        parent: { table: `${schema}.items`, columns: [{ child: 'item_id', parent: 'id' }] },
        key: ['item_id', 'position'],
        distribute: 'key',
        sort: ['item_id'],
        columns: [
          column('item_id', varchar(40), { source: { kind: 'parent', column: 'id' }, required: true }),
          column('position', 'integer', { source: { kind: 'ordinal' }, required: true }),
          column('content', varchar(1000)),
        ],
      }),
      table(`${schema}.items$deleted`, {
        disposition: 'merge',
        key: ['id'],
        sequence: ['modified'],
        columns: [
          column('id', varchar(40), { required: true }),
          column('modified', 'timestamptz', { required: true }),
        ],
        deletes: { table: `${schema}.items`, mode: 'delete' },
      }),
    ]),
  );

type Item = readonly [
  id: string,
  modified: string,
  more: Readonly<Record<string, Value>>,
  lines: readonly Value[],
];

export const nameOf = (n: number): string => `w-2026010${n}T000000000Z`;

/** The nth batch, of the nth day. */
export const toBatch = (
  schema: string,
  n: number,
  items: readonly Item[],
  gone: readonly (readonly [id: string, modified: string])[] = [],
): ModelBatch => {
  const lines = items.flatMap(([id, , , contents], at) =>
    contents.map((content, c) => ({ values: { item_id: id, position: c + 1, content }, parentRow: at + 1 })),
  );
  const numbered = (rows: readonly Omit<ModelRow, 'row'>[]): readonly ModelRow[] =>
    rows.map((row, at) => ({ ...row, row: at + 1 }));
  return {
    batch: nameOf(n),
    seal: `seal-${n}`,
    observed: `2026-01-0${n}T00:00:00.000Z`,
    tables: {
      [`${schema}.items`]: numbered(
        items.map(([id, modified, more]) => ({ values: { id, modified, ...more }, parentRow: null })),
      ),
      [`${schema}.lines`]: numbered(lines),
      [`${schema}.items$deleted`]: numbered(
        gone.map(([id, modified]) => ({ values: { id, modified }, parentRow: null })),
      ),
    },
  };
};

export const [OLD, NEW] = ['2025-12-01T10:00:00.000Z', '2025-12-02T10:00:00.000Z'];
export const FULL = { price: '1.50', is_open: 'true', due: '2026-02-28', more: '{"a":[1,"b"]}' };
const CHANGED = { ...FULL, price: '-2.00', is_open: 'false' };

/** Two batches: the second one changes `a`, has `b` as it was, adds `d` and deletes `c`. */
export const batchesIn = (schema: string) =>
  [
    toBatch(schema, 1, [
      ['a', OLD, FULL, ['one', 'two, "quoted"\nline']],
      ['b', OLD, {}, [null]],
      ['c', OLD, FULL, ['gone']],
    ]),
    toBatch(
      schema,
      2,
      [
        ['a', NEW, CHANGED, ['changed', '']],
        ['b', OLD, {}, [null]],
        ['d', NEW, FULL, []],
      ],
      [['c', NEW]],
    ),
  ] as const;
