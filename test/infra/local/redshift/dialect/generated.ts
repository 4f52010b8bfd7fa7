import type { ColumnType, Contract } from '../../../../../shared/model/contract.ts';
import { adoptQueries } from '../../../../../shared/sql/adopt-query.ts';
import { loadErrorsQuery } from '../../../../../shared/sql/classify-error.ts';
import { withEncodings } from '../../../../../shared/sql/existing-columns.ts';
import { ledgerQuery, loadedBeforeQuery } from '../../../../../shared/sql/ledger-query.ts';
import {
  allTargetsQuery,
  createLoader,
  grantDatabase,
  handOver,
  letLoaderIn,
  ownSchemasQuery,
  ownTablesQuery,
  passwordHash,
} from '../../../../../shared/sql/loader.ts';
import type { Found } from '../../../../../shared/sql/prepare/found.ts';
import { placementQuery } from '../../../../../shared/sql/prepare/placement-changes.ts';
import {
  encodingsQuery,
  existingColumnsQuery,
  prepareStatements,
  recordedContractQuery,
  targetRulesQuery,
} from '../../../../../shared/sql/prepare-statements.ts';
import { swapStatements } from '../../../../../shared/sql/swap-statements.ts';
import type { ExistingColumn } from '../../../../../shared/sql/types.ts';
import { column, contractOf, table, varchar, workItems } from '../../../../shared/sql/support/contracts.ts';
import { families, snapshots } from '../../../../shared/sql/support/generate.ts';
import { stageLoad } from '../../../../shared/sql/support/loading.ts';
import { wideContracts } from '../../../../shared/sql/support/wide.ts';

/** Statements of every kind that Millrace writes, from contracts of every kind. */

const TYPES: readonly ColumnType[] = [
  ...(
    [
      'smallint',
      'integer',
      'bigint',
      'real',
      'double precision',
      'boolean',
      'date',
      'timestamp',
      'timestamptz',
      'super',
    ] as const
  ).map((kind) => ({ kind })),
  { kind: 'decimal', precision: 12, scale: 2 },
  { kind: 'char', length: 3 },
  varchar(20),
];

const everyType = contractOf([
  table('s.types', { disposition: 'append', columns: TYPES.map((type, n) => column(`c${n}`, type)) }),
]);

const granted: Contract = {
  ...workItems,
  grants: { select: ['group analysts', 'role reader', 'public', 'bi'] },
};

const placed: Contract = contractOf([
  table('s.placed', {
    ...{ disposition: 'merge', key: ['id'], sort: ['id'], distribute: 'key' },
    columns: [column('id', 'bigint', { required: true })],
  }),
  table('s.even', { disposition: 'append', distribute: 'even', columns: [column('id', 'bigint')] }),
  table('s.copied', { disposition: 'append', distribute: 'all', columns: [column('id', 'bigint')] }),
]);

const existing = (name: string, type: string, length?: number): ExistingColumn => ({
  ...{ schema: 's', table: 't', column: name, type, length, precision: undefined, scale: undefined },
  ...{ database: 'dev', hasDefault: false, isRequired: false },
});

/** A table of somebody else that lacks a column and has one that is too short to be made longer at once; and a view of an older release. */
const changed: Contract = contractOf([
  table('s.t', {
    disposition: 'merge',
    key: ['id'],
    adopt: true,
    columns: [column('id', 'bigint'), column('name', varchar(20)), column('note', varchar(5))],
  }),
]);
const found: Found = {
  columns: [
    ...withEncodings(
      [existing('id', 'bigint'), existing('name', 'character varying', 10)],
      [['dev', 's', 't', 'name', 'text255']],
    ),
    { ...existing('feed', 'character varying', 256), schema: 'millrace', table: 'feeds' },
  ],
  rules: [],
};

const loadOf = (contract: Contract, isGathered = false): readonly string[] => {
  const rows = (names: readonly string[]) => [
    { values: Object.fromEntries(names.map((name) => [name, '1'])), row: 1, parentRow: 1 },
  ];
  const tables = Object.fromEntries(
    contract.tables.map((of) => [of.table, rows(of.columns.map(({ name }) => name))]),
  );
  const batches = ['1', '2'].map((n) => ({
    batch: `w-2026010${n}T000000000Z`,
    seal: `seal-${n}`,
    observed: `2026-01-0${n}T00:00:00.000Z`,
    tables,
  }));
  return stageLoad(contract, batches, new Map(), 'loads/f/1', {}, { isGathered });
};

const swapOf = (contract: Contract): readonly string[] =>
  swapStatements({
    ...{ feed: contract.feed, load: 'loads/f/1', contract, request: '0123456789ab' },
    batches: ['1', '2'].map((n) => ({
      ...{ batch: `b-${n}`, seal: n, observed: '2026-01-01T00:00:00.000Z', rows: {}, rejected: 0 },
    })),
  });

export const generatedStatements = (): readonly string[] => [
  ...[workItems, everyType, granted, placed, ...Object.values(families), ...Object.values(snapshots)].flatMap(
    (of) => prepareStatements(of),
  ),
  ...prepareStatements(changed, found),
  ...[workItems, everyType, placed, ...Object.values(families), ...Object.values(snapshots)].flatMap((of) =>
    loadOf(of),
  ),
  ...[workItems, everyType, ...Object.values(families), ...Object.values(wideContracts)].flatMap((of) =>
    loadOf(of, true),
  ),
  ...Object.values(families).flatMap(swapOf),
  existingColumnsQuery(workItems),
  encodingsQuery(workItems),
  placementQuery(placed),
  recordedContractQuery(workItems),
  targetRulesQuery(workItems),
  ...adoptQueries(changed, found).map(({ sql }) => sql),
  ledgerQuery('f', ['w-1', 'w-2']),
  loadedBeforeQuery(new Map([['f', ['w-1']]]), '2026-01-01T00:00:00.000Z'),
  loadErrorsQuery(7),
  createLoader('loader'),
  grantDatabase('loader', 'dev'),
  letLoaderIn('loader', passwordHash('loader', 'secret')),
  ...[ownSchemasQuery('admin'), ownTablesQuery('admin'), allTargetsQuery()],
  ...handOver('loader', {
    schemas: ['s', 'other'],
    tables: [
      { schema: 's', name: 't' },
      { schema: 'other', name: 't' },
    ],
    targets: new Set(['s.t']),
  }),
];
