import type { Contract } from '../model/contract.ts';
import {
  BATCHES,
  DELETED_AT,
  goneName,
  MILLRACE_SCHEMA,
  stageName,
  tombstonesName,
  touchedName,
} from './names.ts';
import { LOADED_AT, quoteIdentifier } from './quote.ts';
import { keyExpression, type Staged, type Target } from './target.ts';
import { comesBeyond, isLater, nthVersion, type Place, stagedPlace, targetPlace } from './versions.ts';

/**
 * Tombstones say that a key is gone at the source. One stands in the order of its key's versions, and deletes those before it alone; it is
 * kept beside the target, so that a version that is loaded later than it is known to be older.
 */

/** After that a version which is older than its tombstone is not expected any more. */
const TOMBSTONE_DAYS = 30;

export interface Tombstones extends Staged {
  /** Whose rows they delete. */
  readonly of: Target;
  readonly mode: 'delete' | 'mark';
  /** Quoted names of where they are kept, and of temporary tables: the last tombstone of each key, and the target's rows that the load meets. */
  readonly kept: string;
  readonly gone: string;
  readonly touched: string;
}

/** Of a target whose rows are marked. */
export const MARK = quoteIdentifier(DELETED_AT.name);

export const toTombstones = (contract: Contract, targets: readonly Target[]): readonly Tombstones[] =>
  contract.tables.flatMap((table, at): Tombstones[] => {
    const of = targets.find((target) => target.table.table === table.deletes?.table);
    if (of === undefined || table.deletes === undefined) return [];
    const n = at + 1;
    const kept = `${quoteIdentifier(MILLRACE_SCHEMA)}.${quoteIdentifier(tombstonesName(of.table.table))}`;
    const names = { stage: stageName(n), kept, gone: goneName(n), touched: touchedName(n) };
    return [{ n, table, of, mode: table.deletes.mode, ...names }];
  });

const columnsOf = ({ table }: Tombstones): readonly string[] =>
  table.columns.map(({ name }) => quoteIdentifier(name));

/** A tombstone's place among the versions of its key, but for its row, which is none of the target's table. */
const placeOf = ({ table }: Tombstones): Place => [
  ...table.sequence.map((name) => ({ sql: `d.${quoteIdentifier(name)}`, mayBeNull: true })),
  { sql: 'd."_observed"', mayBeNull: false },
  { sql: 'd."_batch"', mayBeNull: false },
];

/** When the row was deleted: the tombstone's own time, or else when it was observed. */
const deletedAt = (tombstones: Tombstones): string => {
  const [name] = tombstones.table.sequence;
  const kind =
    name === undefined ? undefined : tombstones.table.columns.find((c) => c.name === name)?.type.kind;
  const isTime = kind === 'timestamptz' || kind === 'timestamp' || kind === 'date';
  return name !== undefined && isTime
    ? `COALESCE(CAST(d.${quoteIdentifier(name)} AS TIMESTAMPTZ), d."_observed")`
    : 'd."_observed"';
};

/** The last tombstone of each key, of this load's and of those that are kept. */
export const createGone = (tombstones: Tombstones): string => {
  const { table, of, stage, kept, gone } = tombstones;
  const columns = columnsOf(tombstones);
  const keys = of.table.key.map((name) => keyExpression(of, 'd', name));
  const order = [
    ...table.sequence.flatMap((name) => [
      `CASE WHEN d.${quoteIdentifier(name)} IS NULL THEN 0 ELSE 1 END DESC`,
      `d.${quoteIdentifier(name)} DESC`,
    ]),
    'd."_observed" DESC',
    'd."_batch" DESC',
    'd."_row" DESC',
  ];
  return `CREATE TEMP TABLE ${gone} AS
SELECT d.*, ${deletedAt(tombstones)} AS deleted_at
FROM (
  SELECT d.*, ROW_NUMBER() OVER (PARTITION BY ${keys.join(', ')} ORDER BY ${order.join(', ')}) AS nth
  FROM (
    SELECT ${columns.map((column) => `s.${column}`).join(', ')}, b.observed AS "_observed", s."_batch", s."_row" FROM ${stage} s JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new
    UNION ALL
    SELECT ${columns.join(', ')}, "_observed", "_batch", "_row" FROM ${kept}
  ) d
) d
WHERE d.nth = 1`;
};

/** The target's rows of the keys that come or go: the one look at it. */
export const createTouched = ({ of, stage, touched }: Tombstones, narrow: string): string => {
  const keys = of.table.key.map((name, at) => `${keyExpression(of, 's', name)} AS key_${at + 1}`).join(', ');
  const same = of.table.key.map((name, at) => `${keyExpression(of, 't', name)} = k.key_${at + 1}`);
  return `CREATE TEMP TABLE ${touched} AS
SELECT t.*
FROM ${narrow} t
JOIN (SELECT ${keys} FROM ${of.stage} s UNION SELECT ${keys} FROM ${stage} s) k ON ${same.join(' AND ')}`;
};

const sameKey = (of: Target, a: string): string =>
  of.table.key.map((name) => `${keyExpression(of, a, name)} = ${keyExpression(of, 'd', name)}`).join(' AND ');

/** Joins the tombstone of a staged row's key, as `d`. */
export const joinGone = ({ of, gone }: Tombstones): string => `LEFT JOIN ${gone} d ON ${sameKey(of, 's')}`;

/**
 * Whether the staged row's key is deleted after it. Of one batch and sequence the tombstone counts: a source that says both of one moment
 * has the record that is gone in its answer still.
 */
const isDeletedLater = (tombstones: Tombstones): string =>
  `d.${quoteIdentifier(tombstones.of.table.key[0] ?? '')} IS NOT NULL AND NOT COALESCE(${isLater(stagedPlace(tombstones.of).slice(0, -1), placeOf(tombstones))}, FALSE)`;

/** The time that a staged row gives to `_deleted_at`: none, where nothing of the load says that it is gone. */
export const stagedDeletion = (tombstones: Tombstones | undefined): string =>
  tombstones === undefined
    ? 'CAST(NULL AS TIMESTAMPTZ)'
    : `CASE WHEN ${isDeletedLater(tombstones)} THEN d.deleted_at END`;

/** When a staged row does nothing for its tombstone. A row that would be marked goes into the target, as the last of its key. */
export const staleByTombstone = (tombstones: Tombstones | undefined): readonly string[] =>
  tombstones?.mode === 'delete' ? [isDeletedLater(tombstones)] : [];

/** Rows of the target before their tombstone, without those that a staged row of their key replaces. */
export const goneFrom = (tombstones: Tombstones): string => {
  const { of, touched, gone, mode } = tombstones;
  const keys = of.table.key.map((name) => keyExpression(of, 's', name));
  // Whether the last staged row of the key leaves the target's as it is.
  const isKept =
    mode === 'delete' ? isDeletedLater(tombstones) : `NOT COALESCE(${comesBeyond(of, '>')}, FALSE)`;
  return [
    `FROM ${touched} t`,
    `JOIN ${gone} d ON ${sameKey(of, 't')}`,
    `LEFT JOIN (SELECT s.*, ${nthVersion(of, keys, 'DESC')} AS nth FROM ${of.stage} s JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new) s ON ${sameKey(of, 's')} AND s.nth = 1`,
    `LEFT JOIN ${BATCHES} b ON b.batch = s."_batch"`,
    `WHERE NOT COALESCE(${isLater(targetPlace(of).slice(0, -1), placeOf(tombstones))}, FALSE)`,
    `  AND (s."_batch" IS NULL OR ${isKept})`,
    ...(mode === 'mark' ? [`  AND (t.${MARK} IS NULL OR t.${MARK} <> d.deleted_at)`] : []),
  ].join('\n');
};

/** Keeps the load's tombstones, and none for longer than they are of use. */
export const keepTombstones = (tombstones: Tombstones): readonly string[] => {
  const { stage, kept } = tombstones;
  const columns = [...columnsOf(tombstones), '"_batch"', '"_row"'];
  return [
    `DELETE FROM ${kept} WHERE "_loaded_at" < ${LOADED_AT} - INTERVAL '${TOMBSTONE_DAYS} days'`,
    `INSERT INTO ${kept} (${[...columns, '"_observed"', '"_loaded_at"'].join(', ')})
SELECT ${columns.map((column) => `s.${column}`).join(', ')}, b.observed, ${LOADED_AT}
FROM ${stage} s
JOIN ${BATCHES} b ON b.batch = s."_batch" AND b.is_new`,
  ];
};
