import { childMark } from '../model/record-hash.ts';
import { keyExpression, type Target } from './target.ts';
import { nthWithin } from './versions.ts';

/** What lies below a root's rows: each row of a child belongs to one staged row of its root, and lives and goes with it. */

/**
 * The staged rows of a child table, each with the root's row that it belongs to; of equal keys within one parent `nth` 1 is the last, which
 * is the one that counts.
 */
export const stagedBelow = (child: Target): string => {
  const keys = child.ownKey.map((name) => keyExpression(child, 's', name));
  const within = ['s."_batch"', 's."_parent_row"'];
  const nth = keys.length === 0 ? '1' : nthWithin(child, within, keys);
  if (child.parent === undefined || child.parent === child.root)
    return `SELECT s.*, s."_parent_row" AS root_row, ${nth} AS nth FROM ${child.stage} s`;
  const above = stagedBelow(child.parent);
  return `SELECT s.*, p.root_row, CASE WHEN p.nth > 1 THEN p.nth ELSE ${nth} END AS nth FROM ${child.stage} s JOIN (${above}) p ON p."_batch" = s."_batch" AND p."_row" = s."_parent_row"`;
};

/** How many rows of a child each of the root's rows has: `rows` that count, of `all`. */
export const countBelow = (child: Target): string =>
  `LEFT JOIN (SELECT "_batch", root_row, COUNT(*) AS n, SUM(CASE WHEN nth = 1 THEN 1 ELSE 0 END) AS counted FROM (${stagedBelow(child)}) d GROUP BY "_batch", root_row) c${child.n} ON c${child.n}."_batch" = s."_batch" AND c${child.n}.root_row = s."_row"`;

/** Begins the count of a child's rows in its record's text: a child that the feed had not then has none. */
const countMark = ({ table: { table, beside = table } }: Target): string => `.${childMark(beside)}=`;

/**
 * What is written into the target's `_hash`: the record's hash, the count of its rows in each child table, and the row and batch that it is
 * of. An older release keeps the column's value when it writes the row, which is seen by the other two.
 */
export const toRecord = (children: readonly Target[]): string => {
  const counts = children.map(
    (child) => ` || '${countMark(child)}' || CAST(COALESCE(c${child.n}.counted, 0) AS VARCHAR(20))`,
  );
  return `s."_hash"${counts.join('')} || ' ' || CAST(s."_row" AS VARCHAR(20)) || ' ' || s."_batch"`;
};

/** The part of a target's `_hash` that counts, or null where it is not of the row beside it. */
export const RECORD_HAD = `CASE WHEN SPLIT_PART("_hash", ' ', 2) = CAST("_row" AS VARCHAR(20)) AND SPLIT_PART("_hash", ' ', 3) = "_batch" THEN SPLIT_PART("_hash", ' ', 1) END`;

/** How many rows of a child the target's record has, as `t.had` says; 0 where it says nothing of it. */
export const rowsHad = (child: Target): string =>
  `COALESCE(CAST(NULLIF(SPLIT_PART(SPLIT_PART(t.had, '${countMark(child)}', 2), '.', 1), '') AS BIGINT), 0)`;
