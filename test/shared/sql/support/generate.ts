import fc from 'fast-check';
import type { Contract } from '../../../../shared/model/contract.ts';
import { withRecordHash } from '../../../../shared/model/record-hash.ts';
import { column, contractOf, table, varchar } from './contracts.ts';
import type { ModelBatch, ModelRow, Value } from './model.ts';

/** Families of tables under each disposition, and batches of documents for them with few keys, so that they collide. */

const keyed = [
  column('id', varchar(40), { required: true, trim: false }),
  column('version', 'bigint'),
  column('value', 'integer'),
];
const twoKeyed = [...keyed, column('part', 'integer', { required: true })];
const at = (name: string, type: 'timestamptz' | 'timestamp' | 'date') =>
  table('s.roots', {
    disposition: 'history',
    key: ['id'],
    sequence: [name],
    columns: [...keyed, column(name, { kind: type }, { required: true })],
  });
const lines = (key: readonly string[], disposition: 'append' | 'replace' | 'merge') =>
  table('s.lines', {
    disposition,
    parent: { table: 's.roots', columns: [{ child: 'root_id', parent: 'id' }] },
    key: [...key],
    columns: [
      column('root_id', varchar(40), { source: { kind: 'parent', column: 'id' }, required: true }),
      column('position', 'integer', { source: { kind: 'ordinal' }, required: true }),
      column('text', varchar(100)),
    ],
  });
const notes = (disposition: 'append' | 'replace' | 'merge') =>
  table('s.notes', {
    disposition,
    parent: {
      table: 's.lines',
      columns: [
        { child: 'root_id', parent: 'root_id' },
        { child: 'position', parent: 'position' },
      ],
    },
    key: ['root_id', 'position', 'code'],
    columns: [
      column('root_id', varchar(40), { source: { kind: 'parent', column: 'root_id' }, required: true }),
      column('position', 'integer', { source: { kind: 'parent', column: 'position' }, required: true }),
      column('code', 'integer', { required: true }),
      column('note', 'super'),
    ],
  });

const tombstones = (mode: 'delete' | 'mark', sequence: readonly string[]) =>
  table('s.roots$deleted', {
    disposition: 'merge',
    key: ['id'],
    sequence: [...sequence],
    columns: keyed.filter(({ name }) => name === 'id' || sequence.includes(name)),
    deletes: { table: 's.roots', mode },
  });

const plain: Readonly<Record<string, Contract>> = {
  'merge with children of children': contractOf([
    table('s.roots', { disposition: 'merge', key: ['id'], sequence: ['version'], columns: keyed }),
    lines(['root_id', 'position'], 'merge'),
    notes('merge'),
  ]),
  'merge with a key of two columns, and tombstones': contractOf([
    table('s.roots', { disposition: 'merge', key: ['id', 'part'], sequence: ['version'], columns: twoKeyed }),
    table('s.lines', {
      ...lines(['root_id', 'root_part', 'position'], 'merge'),
      parent: {
        table: 's.roots',
        columns: [
          { child: 'root_id', parent: 'id' },
          { child: 'root_part', parent: 'part' },
        ],
      },
      columns: [
        ...lines([], 'merge').columns,
        column('root_part', 'integer', { source: { kind: 'parent', column: 'part' }, required: true }),
      ],
    }),
    {
      ...tombstones('delete', ['version']),
      key: ['id', 'part'],
      columns: twoKeyed.filter(({ name }) => name !== 'value'),
    },
  ]),
  'merge with tombstones and children': contractOf([
    table('s.roots', { disposition: 'merge', key: ['id'], sequence: ['version'], columns: keyed }),
    lines(['root_id', 'position'], 'merge'),
    tombstones('delete', ['version']),
  ]),
  'merge with tombstones that mark': contractOf([
    table('s.roots', { disposition: 'merge', key: ['id'], sequence: ['version'], columns: keyed }),
    lines(['root_id', 'position'], 'merge'),
    tombstones('mark', ['version']),
  ]),
  'merge with tombstones by batch alone': contractOf([
    table('s.roots', { disposition: 'merge', key: ['id'], sequence: [], columns: keyed }),
    tombstones('delete', []),
  ]),
  'append with a key and children': contractOf([
    table('s.roots', { disposition: 'append', key: ['id'], sequence: ['version'], columns: keyed }),
    lines(['root_id', 'position'], 'append'),
  ]),
  'append without a key': contractOf([table('s.roots', { disposition: 'append', columns: keyed })]),
  'replace with children of children': contractOf([
    table('s.roots', { disposition: 'replace', key: ['id'], sequence: ['version'], columns: keyed }),
    lines(['root_id', 'position'], 'replace'),
    notes('replace'),
  ]),
  'history by an instant': contractOf([at('changed', 'timestamptz')]),
  'history by a time without a zone': contractOf([at('clock', 'timestamp')]),
  'history by a day': contractOf([at('day', 'date')]),
  'replace without a key': contractOf([table('s.roots', { disposition: 'replace', columns: keyed })]),
};

/** Records of whole snapshots, with and without columns that make no version. */
export const snapshots: Readonly<Record<string, Contract>> = Object.fromEntries(
  Object.entries({
    'all columns': [],
    'value ignored': ['value'],
    'all but the key ignored': ['value', 'version'],
  }).map(([name, ignore]) => [
    name,
    withRecordHash(
      contractOf([
        table('s.roots', {
          disposition: 'history',
          key: ['id'],
          columns: keyed,
          ...(ignore.length === 0 ? {} : { ignore }),
        }),
      ]),
    ),
  ]),
);

/** As deployed feeds' contracts are. */
export const families: Readonly<Record<string, Contract>> = Object.fromEntries(
  Object.entries(plain).map(([name, contract]) => [name, withRecordHash(contract)]),
);

/** As in batches that a release before record hashes sealed. */
export const familiesWithoutHash = Object.entries(plain).filter(([, { tables }]) =>
  tables.some(({ key }) => key.length > 0),
);

const small = fc.integer({ min: 0, max: 2 });
const document = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'a ', 'b', "o'c"),
    version: fc.option(small, { nil: null }),
    value: fc.option(small, { nil: null }),
    part: fc.nat({ max: 1 }),
    lines: fc.array(
      fc.record({
        text: fc.option(fc.constantFrom('x', 'y "z"', ''), { nil: null }),
        notes: fc.array(fc.record({ code: small, note: fc.constantFrom('{"k": 1}', '[]', null) }), {
          maxLength: 2,
        }),
      }),
      { maxLength: 2 },
    ),
  }),
  { maxLength: 3 },
);

const deletions = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'a ', 'b', 'z'),
    version: fc.option(small, { nil: null }),
    part: fc.nat({ max: 1 }),
  }),
  { maxLength: 2 },
);

const numbered = (): ((values: Record<string, Value>, parentRow: number | null) => ModelRow) => {
  let row = 0;
  return (values, parentRow) => {
    row += 1;
    return { values, row, parentRow };
  };
};

/** As the cursor's column gives it back, of each type that it may have. */
const cursorsOf = (version: number | null): Record<'changed' | 'clock' | 'day', string> => {
  const day = `2026-01-0${(version ?? 3) + 1}`;
  return { changed: `${day} 10:30:00+00`, clock: `${day} 10:30:00`, day };
};

const toBatch = (
  n: number,
  observedMinute: number,
  records: typeof document extends fc.Arbitrary<infer D> ? D : never,
  gone: typeof deletions extends fc.Arbitrary<infer D> ? D : never,
): ModelBatch => {
  const [root, line, note, tombstone] = [numbered(), numbered(), numbered(), numbered()];
  const tables: Record<'s.roots' | 's.lines' | 's.notes' | 's.roots$deleted', ModelRow[]> = {
    's.roots$deleted': gone.map((values) => tombstone(values, null)),
    's.roots': [],
    's.lines': [],
    's.notes': [],
  };
  for (const { id, version, value, part, lines: children } of records) {
    const parent = root({ id, version, value, part, ...cursorsOf(version) }, null);
    tables['s.roots'].push(parent);
    children.forEach(({ text, notes: grandchildren }, at) => {
      const child = line({ root_id: id, root_part: part, position: at + 1, text }, parent.row);
      tables['s.lines'].push(child);
      for (const { code, note: json } of grandchildren) {
        tables['s.notes'].push(note({ root_id: id, position: at + 1, code, note: json }, child.row));
      }
    });
  }
  return {
    batch: `w-2026010${n}T000000000Z`,
    seal: `seal-${n}`,
    observed: `2026-01-01T00:0${observedMinute}:00.000Z`,
    tables,
  };
};

/** Up to four batches, and loads of some of them each, in any order and any number of times. */
export const scenario = fc
  .record({
    documents: fc.array(fc.tuple(small, document, deletions), { minLength: 1, maxLength: 4 }),
    loads: fc.array(fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ documents, loads }) => ({
    batches: documents.map(([minute, records, gone], n) => toBatch(n + 1, minute, records, gone)),
    loads: loads.map((load) => [...new Set(load.map((n) => n % documents.length))]),
  }));

export type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;
