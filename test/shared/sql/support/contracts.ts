import type {
  ColumnContract,
  ColumnType,
  Contract,
  TableContract,
} from '../../../../shared/model/contract.ts';

/** Contracts for tests, with what the load does not look at filled in. */

export const column = (
  name: string,
  type: ColumnType | 'integer' | 'bigint' | 'timestamptz' | 'super',
  more: Partial<ColumnContract> = {},
): ColumnContract => ({
  name,
  type: typeof type === 'string' ? { kind: type } : type,
  source: { kind: 'path', path: name },
  many: 'reject',
  separator: ',',
  trim: true,
  empty: 'setNull',
  required: false,
  truncate: false,
  onError: 'reject',
  ...more,
});

export const varchar = (length: number): ColumnType => ({ kind: 'varchar', length });

export const table = (
  name: string,
  of: Pick<TableContract, 'disposition' | 'columns'> & Partial<TableContract>,
): TableContract => {
  const [schema = '', bare = ''] = name.split('.');
  return { table: name, schema, name: bare, rows: '/x', key: [], sequence: [], ...of };
};

export const contractOf = (tables: readonly TableContract[], hash = '00112233aabbccdd'): Contract => ({
  feed: 'work_items',
  hash,
  namespaces: {},
  tables: [...tables],
});

const parentColumn = (name: string, parent: string): ColumnContract =>
  column(name, 'bigint', { source: { kind: 'parent', column: parent }, required: true });

/** A merged table with one child, told apart by position, as the sample feed has it. */
export const workItems = contractOf([
  table('ewm.work_items', {
    disposition: 'merge',
    key: ['item_id'],
    sequence: ['modified'],
    columns: [
      column('item_id', 'bigint', { required: true }),
      column('summary', varchar(1024)),
      column('modified', 'timestamptz', { required: true }),
    ],
  }),
  table('ewm.comments', {
    disposition: 'merge',
    parent: { table: 'ewm.work_items', columns: [{ child: 'item_id', parent: 'item_id' }] },
    key: ['item_id', 'position'],
    columns: [
      parentColumn('item_id', 'item_id'),
      column('position', 'integer', { source: { kind: 'ordinal' } }),
      column('content', varchar(65535)),
    ],
  }),
]);
