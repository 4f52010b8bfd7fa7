import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endRow,
  newRowBytes,
  type RowBytes,
  takeBytes,
  writeRow,
  writeValue,
} from '../../../shared/csv/row-bytes.ts';
import type { ColumnContract, ColumnType, Contract } from '../../../shared/model/contract.ts';
import { withRecordHash } from '../../../shared/model/record-hash.ts';
import { parseDocument, type Reject } from '../../../shared/xml/document.ts';
import type { RowFields } from '../../../shared/xml/row-sink.ts';
import { rounds } from '../../rounds.ts';
import { column, contractOf, passingChunksOf, table } from './documents.ts';

/** The bytes of CSV, and rejects and counts, are the same whether the scanner reads a document or saxes alone: all types and options. */

const TYPES: readonly ColumnType[] = [
  { kind: 'smallint' },
  { kind: 'integer' },
  { kind: 'bigint' },
  { kind: 'decimal', precision: 4, scale: 2 },
  { kind: 'decimal', precision: 3, scale: 0 },
  { kind: 'real' },
  { kind: 'double precision' },
  { kind: 'boolean' },
  { kind: 'date' },
  { kind: 'timestamp' },
  { kind: 'timestamptz' },
  { kind: 'super' },
  { kind: 'char', length: 4 },
  { kind: 'varchar', length: 6 },
  { kind: 'varchar', length: 65_535 },
];

/** Options of which each may change what a value is written as. */
const OPTIONS: readonly (Partial<ColumnContract> & { readonly of?: string })[] = [
  {},
  {},
  { trim: false },
  { trim: false, empty: 'keep' },
  { empty: 'keep' },
  { many: 'first' },
  { many: 'last' },
  { many: 'join', of: 'varchar' },
  { many: 'json', of: 'varchar' },
  { truncate: true, of: 'varchar' },
  { truncate: true, of: 'char' },
  { onError: 'setNull' },
  { required: true },
  { replace: { '1': '2', true: null, 'a,b': 'x', '2024-01-02T03:04:05Z': null } },
  { group: '.', decimal: ',', of: 'decimal' },
  { round: true, of: 'decimal' },
  { format: "yyyy-MM-dd'T'HH:mm:ssX", of: 'timestamptz' },
  { zone: 'Europe/Berlin', of: 'timestamptz' },
  { split: '.', many: 'json', of: 'varchar' },
  { as: 'text', of: 'varchar' },
  { default: '1', of: 'integer' },
];

const columnOf = (name: string, path: string): fc.Arbitrary<ColumnContract> =>
  fc
    .tuple(fc.constantFrom(...TYPES), fc.constantFrom(...OPTIONS), fc.nat({ max: 15 }))
    .map(([type, { of, ...options }, rejects]) =>
      column(name, path, {
        type,
        ...(rejects > 0 ? { onError: 'setNull' } : {}),
        ...(of === undefined || of === type.kind ? options : {}),
      }),
    )
    .filter(({ required, onError }) => !required || onError === 'reject');

const PATHS = [
  'a',
  '@a',
  'b',
  '@b',
  'a[1]',
  "c[k='1']/v",
  "c[@k='1']/v",
  'a | b',
  'c//v',
  'c/v/text()',
  '../@top',
];

/** Maps, whose JSON is written from bytes too. */
const MAP = { many: 'map', keyPath: 'k', valuePath: 'v', onError: 'setNull' } as const;
const MAPS = [
  column('map', 'c', { ...MAP, type: { kind: 'super' } }),
  column('text_map', 'c', { ...MAP, type: { kind: 'varchar', length: 24 }, trim: false, empty: 'keep' }),
  column('short_map', 'c', { ...MAP, type: { kind: 'varchar', length: 12 } }),
];

const contracts: fc.Arbitrary<Contract> = fc
  .tuple(
    columnOf('id', 'id'),
    ...PATHS.map((path, n) => columnOf(`p${n}`, path)),
    fc.boolean(),
    fc.constantFrom('p0', 'p1', undefined),
  )
  .map((all) => {
    const cursor = all.at(-1) as string | undefined;
    const isHashed = all.at(-2) as boolean;
    const columns = all.slice(0, -2) as ColumnContract[];
    const child = table(
      'k',
      '/o/r/c',
      [
        column('id', 'id', { source: { kind: 'parent', column: 'id' } }),
        column('v', 'v', { onError: 'setNull', many: 'first' }),
        column('k', '@k', { type: { kind: 'bigint' } }),
      ],
      { parent: { table: 's.r', columns: [] } },
    );
    const root = table('r', '/o/r', [...columns, ...MAPS], {
      key: ['id'],
      disposition: 'merge',
      // Of some.
      ...((columns[1]?.type.kind ?? '') < (columns[2]?.type.kind ?? '') ? { ignore: ['p2', 'map'] } : {}),
    });
    const isTime = columns.find(({ name }) => name === cursor)?.type.kind === 'timestamptz';
    const contract = contractOf([root, child], isTime && cursor !== undefined ? { cursor } : {});
    return isHashed ? withRecordHash(contract) : contract;
  });

const VALUES = [
  ...[
    '0',
    '1',
    '12',
    '007',
    '-5',
    '+5',
    '12345',
    '123456789',
    '1234567890',
    '99999999999999999999',
    '1.5',
    '12.50',
  ],
  ...[
    '123.45',
    '0.10',
    '.5',
    '5.',
    '1e3',
    '1.234,56',
    'true',
    'false',
    'TRUE',
    'yes',
    'truee',
    'NaN',
    '\\N',
    'N',
  ],
  ...[
    '2024-01-02',
    '2024-02-30',
    '2024-02-29',
    '2024-01-31',
    '0999-01-01',
    '3000-01-01',
    '2024-13-01',
    '2024-00-10',
  ],
  ...[
    '2024-01-02T03:04:05Z',
    '2024-01-02T03:04:05.678Z',
    '2024-01-02T03:04:05.000Z',
    '2024-01-02T03:04:05+00:00',
  ],
  ...[
    '2024-01-02T03:04:05+0000',
    '2024-01-02T03:04:05+0100',
    '2024-01-02T03:04:05',
    '2024-01-02T03:04:05.6789Z',
  ],
  ...[
    '2024-01-02T24:00:00Z',
    '2024-01-02T23:60:00Z',
    '2024-01-02t03:04:05z',
    '2024-01-02 03:04:05.5',
    '2024-01-02T03:04:05.12',
  ],
  ...[
    'a',
    'a b',
    'a,b',
    'a&quot;b',
    'a"b',
    'a\nb',
    'a\r\nb',
    '&amp;',
    'é',
    'ab😀',
    ' x ',
    '\t1\n',
    ' ',
    '',
    'toolong',
    "'",
    'a &lt;b&gt; &apos;c&apos;',
    'a, &amp; b',
    '&#65;',
    '\\',
    'a\tb',
    '\u007f',
  ],
  'x'.repeat(2047),
  'x'.repeat(2048),
];
const value = fc.constantFrom(...VALUES);
const quoted = value.map((text) => text.replaceAll('"', '&quot;'));
const layout = fc.constantFrom('', '\n  ', ' ');
const record = fc
  .record(
    {
      id: value,
      a: fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant('<![CDATA[1,2]]>') }),
      b: value,
      more: fc.constantFrom(
        '<a>1</a>',
        '<b>2<i/></b>',
        '<x>skipped</x>',
        '<!-- hard -->',
        '<c k="1"><v>1</v></c>',
        '<c><k>2</k></c><c><k>1</k><v>2</v></c>',
        '<c><k>3</k><v>\\</v></c><c><k>é</k><v>,</v></c>',
        '<c><k>3</k><v>4</v><v>5</v></c>',
      ),
      at: quoted,
      k: fc.constantFrom('1', '2', ' 1', '', 'x'),
      v: value,
      between: layout,
    },
    { requiredKeys: ['id', 'between'] },
  )
  .map(({ id, a, b, more, at, k, v, between }) => {
    const inner = [
      `<id>${id}</id>`,
      a === undefined ? '' : `<a>${a}</a>`,
      b === undefined ? '' : `<b>${b}</b>`,
      v === undefined ? '' : `<c${k === undefined ? '' : ` k="${k}"`}><k>${k ?? ''}</k><v>${v}</v></c>`,
      more ?? '',
    ];
    return `<r${at === undefined ? '' : ` a="${at}" b="1"`}>${inner.join(between)}</r>`;
  });
const documents = fc
  .tuple(
    fc.array(record, { minLength: 1, maxLength: 5 }),
    fc.array(fc.nat({ max: 4 }), { maxLength: 40 }),
    layout,
  )
  .map(
    ([records, order, between]) =>
      `<o top="1">${[...records, ...order.map((n) => records[n % records.length])].join(between)}</o>`,
  );

/** Some of the times are in them. */
const BOUNDS = { fromMs: Date.UTC(2024, 0, 2, 3, 4, 5), toMs: Date.UTC(2024, 0, 2, 3, 4, 5, 500) };

const NULLS = ['\\N', '\u0001'] as const;

const fieldsOf = (files: readonly RowBytes[]): RowFields => ({
  added: 2,
  begin: (t) => files[t] ?? expect.unreachable(),
  end: (t, row, parent) => {
    const file = files[t] ?? expect.unreachable();
    for (const value of [String(row), String(parent ?? '')]) writeValue(file, value, 3);
    endRow(file);
  },
});

const readBy = async (
  xml: Uint8Array,
  contract: Contract,
  {
    saxesAlone,
    nullText,
    chunk,
  }: { readonly saxesAlone: boolean; readonly nullText: string; readonly chunk?: number | undefined },
) => {
  const files = contract.tables.map(() => newRowBytes(nullText, 64));
  const rejects: Reject[] = [];
  const rowNumbers = { base: 0, used: contract.tables.map(() => 0) };
  const {
    hardRecords: _,
    shapedRecords: ___,
    held: __,
    ...summary
  } = await parseDocument(
    passingChunksOf(xml, chunk),
    {
      ...{ contract, place: 'p', rowNumbers, saxesAlone },
      ...(contract.cursor === undefined ? {} : { cursorBounds: BOUNDS }),
    },
    {
      ...(saxesAlone ? {} : { fields: fieldsOf(files) }),
      row: (t, values, row, parent) =>
        writeRow(files[t] ?? expect.unreachable(), [...values, String(row), String(parent ?? '')]),
      reject: (one) => rejects.push(one),
      ready: () => undefined,
    },
  );
  return { summary, rejects, csv: files.map((file) => takeBytes(file).toString('latin1')) };
};

const expectSame = async (
  xml: string,
  contract: Contract,
  nullText: string,
  chunk?: number,
): Promise<void> => {
  const bytes = Buffer.from(xml);
  const plain = await readBy(bytes, contract, { saxesAlone: false, nullText, chunk });
  expect(plain).toEqual(await readBy(bytes, contract, { saxesAlone: true, nullText }));
};

describe('the CSV of the scanner and of saxes', () => {
  test('is the same in all types and options, cut anywhere', async () => {
    const chunk = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 200 }));
    await fc.assert(fc.asyncProperty(documents, contracts, fc.constantFrom(...NULLS), chunk, expectSame), {
      numRuns: rounds(2500),
    });
  });

  test('is the same for each value in each type', async () => {
    for (const type of TYPES) {
      const contract = contractOf([
        table('r', '/o/r', [
          column('a', 'a', { type }),
          column('at', '@a', { type, onError: 'setNull' }),
          column('b', "b[k='1']/a", { type, onError: 'setNull', trim: false }),
        ]),
      ]);
      const records = VALUES.map(
        (one) => `<r a="${one.replaceAll('"', '&quot;')}"><a>${one}</a><b><k>1</k><a>${one}</a></b></r>`,
      );
      for (const nullText of NULLS) await expectSame(`<o>${records.join('')}</o>`, contract, nullText);
    }
  });
});
