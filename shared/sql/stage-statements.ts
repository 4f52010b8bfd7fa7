import { STAGED_NULL, stagedColumns } from '../csv/staged.ts';
import { BATCHES, BOOKKEEPING, LEDGER, PARENT_ROW } from './names.ts';
import { quoteIdentifier, quoteLiteral, timeLiteral, varcharLiteral } from './quote.ts';
import type { Target } from './target.ts';
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
export const createStage = ({ stage, table }: Target): string => {
  const columns = [
    ...table.columns,
    ...BOOKKEEPING.filter(({ name }) => name === '_batch' || name === '_row'),
    ...(table.parent === undefined ? [] : [PARENT_ROW]),
  ];
  const lines = columns.map(({ name, type }) => `  ${quoteIdentifier(name)} ${toSqlType(type)}`);
  return `CREATE TEMP TABLE ${stage} (\n${lines.join(',\n')}\n)`;
};

/**
 * https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html. MAXERROR 0 is written out: more would lose rows in
 * silence. COPY's column list must be in the files' order (copy-parameters-column-mapping.html).
 */
export const copyStage = ({ stage, table }: Target, manifest: string, copyRole: string): string =>
  `COPY ${stage} (${stagedColumns(table).map(quoteIdentifier).join(', ')})
FROM ${quoteLiteral(manifest)}
IAM_ROLE ${quoteLiteral(copyRole)}
MANIFEST CSV ZSTD NULL AS ${quoteLiteral(STAGED_NULL)} DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 0 COMPUPDATE OFF STATUPDATE OFF`;

const stagedCount = ({ n, table }: Target): string =>
  `  CAST(CASE WHEN COALESCE(s${n}.n, 0) = b.rows_${n} THEN CAST(b.rows_${n} AS VARCHAR(20)) ELSE ` +
  `'batch ' || b.batch || ' staged ' || CAST(COALESCE(s${n}.n, 0) AS VARCHAR(20)) || ' rows of ' || ` +
  `${quoteLiteral(table.table)} || ', its record says ' || CAST(b.rows_${n} AS VARCHAR(20)) END AS BIGINT) AS staged_${n}`;

/** Newest of what this load brings, and newer than all that was ever applied to the table. */
const latest = ({ n }: Target): string =>
  `  l.batch IS NULL AND ROW_NUMBER() OVER (PARTITION BY l.batch ORDER BY b.observed DESC, b.batch DESC) = 1 AND ` +
  `(a${n}.observed IS NULL OR b.observed > a${n}.observed OR (b.observed = a${n}.observed AND b.batch > a${n}.batch)) AS latest_${n}`;

const newestApplied = ({ n, table }: Target): string =>
  `LEFT JOIN (SELECT observed, batch, ROW_NUMBER() OVER (ORDER BY observed DESC, batch DESC) AS nth FROM ${LEDGER} ` +
  `WHERE target = ${quoteLiteral(table.table)}) a${n} ON a${n}.nth = 1`;

const batchRow = (batch: LoadBatch, targets: readonly Target[]): string => {
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
  targets: readonly Target[],
): string => {
  const snapshots = targets.filter((target) => target.rule === 'replace' && target.root === target);
  const columns = [
    '  b.batch',
    '  b.seal',
    '  b.observed',
    '  b.rejected',
    '  l.batch IS NULL AS is_new',
    ...targets.map(stagedCount),
    ...snapshots.map(latest),
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
    ...snapshots.map(newestApplied),
  ].join('\n');
};
