import { endRow, newRowBytes, takeBytes } from '../../../shared/csv/row-bytes.ts';
import type { ColumnContract, ColumnType, Contract, TableContract } from '../../../shared/model/contract.ts';
import {
  type DocumentOptions,
  type DocumentSummary,
  parseDocument,
  type Reject,
  type RowFields,
} from '../../../shared/xml/document.ts';
import { readCsv } from '../csv/read-csv.ts';

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
export async function* chunksOf(bytes: Uint8Array, size?: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of passingChunksOf(bytes, size)) yield Buffer.from(chunk);
}

/** The same, each in the same memory, which is worth nothing once the next is asked for. */
export async function* passingChunksOf(
  bytes: Uint8Array,
  size = bytes.length || 1,
): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    chunk.set(part);
    yield chunk.subarray(0, part.length);
    chunk.fill('<');
  }
}

const NULL_TEXT = '\\N';

/** Rows that are written as CSV, and read again from it. */
const throughCsv = (
  give: (table: number, values: readonly (string | null)[], row: number, parent: number | undefined) => void,
): RowFields => {
  const out = newRowBytes(NULL_TEXT, 0);
  return {
    added: 0,
    begin: () => out,
    end: (table, row, parent) => {
      endRow(out);
      const [values = []] = readCsv(takeBytes(out).toString(), NULL_TEXT);
      give(table, values, row, parent);
    },
  };
};

/** With `writes`, rows are written from the bytes of the document where they may be. */
export const parse = async (
  xml: string | Uint8Array,
  contract: Contract,
  more: Partial<DocumentOptions> & { readonly chunk?: number; readonly writes?: boolean } = {},
): Promise<Parsed> => {
  const { chunk, writes = false, ...options } = more;
  const bytes = typeof xml === 'string' ? Buffer.from(xml) : xml;
  const rows: (string | null)[][][] = contract.tables.map(() => []);
  const numbers: [number, number | undefined][][] = contract.tables.map(() => []);
  const rejects: Reject[] = [];
  const give = (
    t: number,
    values: readonly (string | null)[],
    row: number,
    parent: number | undefined,
  ): void => {
    rows[t]?.push([...values]);
    numbers[t]?.push([row, parent]);
  };
  const summary = await parseDocument(
    passingChunksOf(bytes, chunk),
    { contract, place: 'doc', rowNumbers: { base: 0, used: contract.tables.map(() => 0) }, ...options },
    {
      ...(writes ? { fields: throughCsv(give) } : {}),
      row: give,
      reject: (reject) => rejects.push(reject),
      ready: () => undefined,
    },
  );
  return { summary, rows, numbers, rejects };
};
