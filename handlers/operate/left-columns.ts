import type { TableContract } from '../../shared/model/contract.ts';
import { HASH_NAME } from '../../shared/model/record-hash.ts';
import { BOOKKEEPING, DELETED_AT, PARENT_ROW, VALIDITY } from '../../shared/sql/names.ts';
import { columnsOf, type Found } from '../../shared/sql/prepare/found.ts';
import { parseCatalogType } from '../../shared/sql/types.ts';

/** What of a table a feed asks for no more. Nothing of it is changed: no statement drops or narrows a column. */
export interface LeftColumns {
  /** Columns of the table that the feed does not have: rows that are there keep their values, and new ones have null. */
  readonly left: readonly string[];
  /** Texts that are longer in the table than in the feed: what is longer than the feed says is a reject, or cut. */
  readonly shorter: readonly string[];
}

const OWN: ReadonlySet<string> = new Set(
  [...BOOKKEEPING, PARENT_ROW, DELETED_AT, ...VALIDITY].map(({ name }) => name).concat(HASH_NAME),
);

export const findLeftColumns = ({ schema, name, columns }: TableContract, found: Found): LeftColumns => {
  const has = columnsOf(found.columns, schema, name);
  const ours = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const left = [...has.keys()].filter((column) => !ours.has(column) && !OWN.has(column));
  const shorter = [...ours].flatMap(([column, { name: told, type }]) => {
    const existing = has.get(column);
    const from = existing && parseCatalogType(existing);
    const isShorter = from?.kind === 'varchar' && type.kind === 'varchar' && from.length > type.length;
    return isShorter ? [told] : [];
  });
  return { left: left.sort(), shorter };
};
