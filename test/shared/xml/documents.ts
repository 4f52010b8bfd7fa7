import type { ColumnContract, ColumnType, Contract, TableContract } from '../../../shared/model/contract.ts';
import {
  type DocumentOptions,
  type DocumentSummary,
  parseDocument,
  type Reject,
} from '../../../shared/xml/document.ts';

/** Contracts built by hand, and documents parsed into arrays. */

export const varchar = (length: number): ColumnType => ({ kind: 'varchar', length });

export const column = (name: string, path = name, more: Partial<ColumnContract> = {}): ColumnContract => ({
  name,
  type: varchar(65_535),
  source: { kind: 'path', path },
  many: 'reject',
  separator: ',',
  trim: true,
  empty: 'setNull',
  required: false,
  truncate: false,
  onError: 'reject',
  ...more,
});

export const table = (
  name: string,
  rows: string,
  columns: readonly ColumnContract[],
  more: Partial<TableContract> = {},
): TableContract => ({
  table: `s.${name}`,
  schema: 's',
  name,
  rows,
  disposition: 'append',
  key: [],
  sequence: [],
  columns: [...columns],
  ...more,
});

export const contractOf = (tables: readonly TableContract[], more: Partial<Contract> = {}): Contract => ({
  feed: 'f',
  hash: '0',
  namespaces: {},
  tables: [...tables],
  ...more,
});

export interface Parsed {
  readonly summary: DocumentSummary;
  /** Rows by table: values, number, parent's number. */
  readonly rows: readonly (readonly (readonly (string | null)[])[])[];
  readonly numbers: readonly (readonly (readonly [number, number | undefined])[])[];
  readonly rejects: readonly Reject[];
}

/** Cuts bytes into chunks of so many. */
export async function* chunksOf(bytes: Uint8Array, size = bytes.length || 1): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const parse = async (
  xml: string | Uint8Array,
  contract: Contract,
  more: Partial<DocumentOptions> & { readonly chunk?: number } = {},
): Promise<Parsed> => {
  const { chunk, ...options } = more;
  const bytes = typeof xml === 'string' ? Buffer.from(xml) : xml;
  const rows: (string | null)[][][] = contract.tables.map(() => []);
  const numbers: [number, number | undefined][][] = contract.tables.map(() => []);
  const rejects: Reject[] = [];
  const summary = await parseDocument(
    chunksOf(bytes, chunk),
    { contract, place: 'doc', rowNumbers: { base: 0, used: contract.tables.map(() => 0) }, ...options },
    {
      row: (t, values, row, parent) => {
        rows[t]?.push([...values]);
        numbers[t]?.push([row, parent]);
      },
      reject: (reject) => rejects.push(reject),
      ready: () => undefined,
    },
  );
  return { summary, rows, numbers, rejects };
};
