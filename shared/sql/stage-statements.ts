import { STAGED_NULL, stagedColumns } from '../csv/staged.ts';
import { dispositionOf } from './dispositions/registry.ts';
import { BATCHES, BOOKKEEPING, LEDGER, PARENT_ROW } from './names.ts';
import { stagedPlacement } from './placement.ts';
import { type Family, stagedOf } from './plan-statements.ts';
import { quoteIdentifier, quoteLiteral, timeLiteral, varcharLiteral } from './quote.ts';
import type { Staged } from './target.ts';
import { toSqlType } from './types.ts';

/** Staging: the part files of the load's batches in temporary tables, and the batches themselves. */

/** One sealed batch, as far as SQL needs it. */
export interface LoadBatch {
  readonly batch: string;
  readonly seal: string;
  /** ISO 8601, UTC. */
  readonly observed: string;
  /** Rows by `schema.table`. */
  readonly rows: Readonly<Record<string, number>>;
  readonly rejected: number;
}

/** All columns stand by name: LIKE would bring the target's columns, which may be more than this contract's. */
export const createStage = ({ stage, table }: Staged): string => {
  const columns = [
    ...table.columns,
    ...BOOKKEEPING.filter(({ name }) => name === '_batch' || name === '_row'),
    ...(table.parent === undefined ? [] : [PARENT_ROW]),
  ];
  const lines = columns.map(({ name, type }) => `  ${quoteIdentifier(name)} ${toSqlType(type)}`);
  return `CREATE TEMP TABLE ${stage} (\n${lines.join(',\n')}\n)${stagedPlacement(table)}`;
};

/**
 * https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html. MAXERROR 0 is written out: more would lose rows in
 * silence. Statistics are COPY's, which makes them of a table that was empty (copy-parameters-data-load.html): without any, joins are planned
 * as of a few rows. COPY's column list must be in the files' order (copy-parameters-column-mapping.html).
 */
export const copyStage = ({ stage, table }: Staged, manifest: string, copyRole: string): string =>
  `COPY ${stage} (${stagedColumns(table).map(quoteIdentifier).join(', ')})
FROM ${quoteLiteral(manifest)}
IAM_ROLE ${quoteLiteral(copyRole)}
MANIFEST CSV ZSTD NULL AS ${quoteLiteral(STAGED_NULL)} DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 0 COMPUPDATE OFF`;

const stagedCount = ({ n, table }: Staged): string =>
  `  CAST(CASE WHEN COALESCE(s${n}.n, 0) = b.rows_${n} THEN CAST(b.rows_${n} AS VARCHAR(20)) ELSE ` +
  `'batch ' || b.batch || ' staged ' || CAST(COALESCE(s${n}.n, 0) AS VARCHAR(20)) || ' rows of ' || ` +
  `${quoteLiteral(table.table)} || ', its record says ' || CAST(b.rows_${n} AS VARCHAR(20)) END AS BIGINT) AS staged_${n}`;

const batchRow = (batch: LoadBatch, targets: readonly Staged[]): string => {
  const rows = targets.map(
    ({ n, table }) => `, CAST(${batch.rows[table.table] ?? 0} AS BIGINT) AS rows_${n}`,
  );
  return (
    `  SELECT ${varcharLiteral(batch.batch)} AS batch, ${varcharLiteral(batch.seal)} AS seal, ` +
    `${timeLiteral(batch.observed)} AS observed, CAST(${batch.rejected} AS BIGINT) AS rejected${rows.join('')}`
  );
};

/**
 * The load's batches: which are new to the ledger, and how many rows each staged. A count that is not its record's
 * fails the transaction here: the cast to BIGINT of a sentence that names batch and counts.
 */
export const createBatches = (
  feed: string,
  batches: readonly LoadBatch[],
  families: readonly Family[],
): string =>
  selectBatches(
    feed,
    batches,
    families.flatMap(stagedOf),
    families.flatMap((family) => dispositionOf(family.root.table).batches?.(family) ?? []),
  );

/** The same of what is staged, whatever it is for; `more` has further columns and joins. */
export const selectBatches = (
  feed: string,
  batches: readonly LoadBatch[],
  targets: readonly Staged[],
  more: readonly { readonly columns: readonly string[]; readonly joins: readonly string[] }[] = [],
): string => {
  const columns = [
    '  b.batch',
    '  b.seal',
    '  b.observed',
    '  b.rejected',
    '  l.batch IS NULL AS is_new',
    ...targets.map(stagedCount),
    ...more.flatMap(({ columns }) => columns.map((column) => `  ${column}`)),
  ];
  return [
    `CREATE TEMP TABLE ${BATCHES} AS SELECT`,
    columns.join(',\n'),
    `FROM (\n${batches.map((batch) => batchRow(batch, targets)).join('\n  UNION ALL\n')}\n) b`,
    `LEFT JOIN (SELECT DISTINCT batch, seal FROM ${LEDGER} WHERE feed = ${quoteLiteral(feed)}) l ON l.batch = b.batch AND l.seal = b.seal`,
    ...targets.map(
      ({ n, stage }) =>
        `LEFT JOIN (SELECT "_batch", COUNT(*) AS n FROM ${stage} GROUP BY "_batch") s${n} ON s${n}."_batch" = b.batch`,
    ),
    ...more.flatMap(({ joins }) => joins),
  ].join('\n');
};
