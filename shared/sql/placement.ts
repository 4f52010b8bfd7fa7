import type { TableContract } from '../model/contract.ts';
import { quoteIdentifier } from './quote.ts';

/**
 * Where the rows of a table lie (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html). By key is by the first column of
 * the record's key, which all tables of its family have first in theirs: a record lies with all that is below it, staged or not.
 */
export const placementOf = ({ distribute, sort, key }: TableContract): string => {
  const [first] = key;
  const styles = {
    auto: '',
    key: first === undefined ? '' : `\nDISTSTYLE KEY DISTKEY (${quoteIdentifier(first)})`,
    even: '\nDISTSTYLE EVEN',
    all: '\nDISTSTYLE ALL',
  };
  const sorted = sort === undefined ? '' : `\nSORTKEY (${sort.map(quoteIdentifier).join(', ')})`;
  return `${styles[distribute ?? 'auto']}${sorted}`;
};

/** Staged rows meet the target's by key: they lie with them, where those lie by it. */
export const stagedPlacement = (table: TableContract): string =>
  table.distribute === 'key' ? placementOf({ ...table, sort: undefined }) : '';
