import { tombstonesName } from '../../model/deletes.ts';
import { LEDGER, MILLRACE_SCHEMA } from '../names.ts';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import { columnsOf, type Existing } from './found.ts';

/** Views for people and for BI: what the ledger says of feeds and batches. Their columns are in docs/deploy.md. */

interface View {
  readonly name: string;
  /** Column and expression, in their order. */
  readonly columns: readonly (readonly [string, string])[];
  readonly groupBy: string;
}

const sumOf = (column: string): readonly [string, string] => [column, `CAST(SUM(l.${column}) AS BIGINT)`];
const COUNTS = ['staged', 'inserted', 'updated', 'deleted', 'duplicate', 'stale', 'rejected'].map(sumOf);

const VIEWS: readonly View[] = [
  {
    name: 'feeds',
    columns: [
      ['feed', 'l.feed'],
      ['loaded_at', 'MAX(l.loaded_at)'],
      ['observed', 'MAX(l.observed)'],
      ['batches', 'COUNT(DISTINCT l.batch)'],
      ['tables', 'COUNT(DISTINCT l.target)'],
      ...COUNTS,
    ],
    groupBy: 'l.feed',
  },
  {
    name: 'batches',
    columns: [
      ['feed', 'l.feed'],
      ['batch', 'l.batch'],
      ['loaded_at', 'MAX(l.loaded_at)'],
      ['observed', 'MAX(l.observed)'],
      ['tables', 'COUNT(DISTINCT l.target)'],
      ...COUNTS,
    ],
    groupBy: 'l.feed, l.batch',
  },
];

/**
 * Tombstones are no rows of a table: what they delete is counted with its own. Without schema binding, so that the ledger can be changed under them
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html).
 */
const createView = ({ columns, groupBy }: View, name: string): string =>
  `CREATE OR REPLACE VIEW ${name} AS SELECT ${columns.map(([column, value]) => `${value} AS ${column}`).join(', ')}
FROM ${LEDGER} l WHERE l.target NOT LIKE ${quoteLiteral(tombstonesName('%'))} GROUP BY ${groupBy} WITH NO SCHEMA BINDING`;

/**
 * The views that are not there, or have other columns: OR REPLACE takes the same ones alone. svv_columns has late-binding views too
 * (https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html).
 */
export const prepareViews = (existing: Existing): readonly string[] =>
  VIEWS.flatMap((view) => {
    const name = `${quoteIdentifier(MILLRACE_SCHEMA)}.${quoteIdentifier(view.name)}`;
    const has = [...columnsOf(existing, MILLRACE_SCHEMA, view.name).keys()].sort().join(' ');
    const wanted = view.columns
      .map(([column]) => column)
      .sort()
      .join(' ');
    if (has === wanted) return [];
    return [...(has === '' ? [] : [`DROP VIEW IF EXISTS ${name}`]), createView(view, name)];
  });
